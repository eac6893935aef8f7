"""What crosses MQTT: topics, codec, session and the embedded broker."""
