"""Virtual homes, residents, speakers, managers and faults; they speak MQTT and HTTP only."""
