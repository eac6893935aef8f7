"""What is said or shown to a resident, plain and short."""

WORDS: dict[str, tuple[str, str]] = {
    "ask.check_in": (
        "안녕하세요, 안부를 여쭙니다. 괜찮으시면 '괜찮아', 도움이 필요하시면 '도와줘'라고 말씀해 주세요.",
        "Hello, this is your care call. If you are well, please say 'I am okay'. If you need help, say 'help me'.",
    ),
    "ask.again": (
        "잘 듣지 못했습니다. 괜찮으시면 '괜찮아', 도움이 필요하시면 '도와줘'라고 한 번 더 말씀해 주세요.",
        "I did not hear you well. Please say 'I am okay' once more, or 'help me' if you need help.",
    ),
    # Shown to who hears badly: on a light with buttons, on a tablet.
    "ask.check_in_shown": (
        "안부를 여쭙니다. 괜찮으시면 '괜찮아요', 도움이 필요하시면 '도와주세요' 단추를 눌러 주세요.",
        "This is your care call. If you are well, please press 'I am okay'. If you need help, press 'Help'.",
    ),
    "ask.again_shown": (
        "아직 대답을 받지 못했습니다. '괜찮아요'나 '도와주세요' 단추를 눌러 주세요.",
        "There is no answer yet. Please press 'I am okay', or 'Help' if you need help.",
    ),
    "ask.help": (
        "도움을 부르고 있습니다. 담당자에게 알리는 중이니 잠시만 기다려 주세요.",
        "Help is being called. We are telling your care staff now. Please wait a moment.",
    ),
    "ask.despair": (
        "마음이 많이 힘드시군요. 혼자가 아닙니다. 지금 이야기를 나눌 분에게 연락하고 있어요. "
        "109로 전화하셔도 언제든 들어 드립니다.",
        "That sounds very hard. You are not alone. We are calling somebody who will talk with you. You can also call "
        "109 at any hour.",
    ),
    "ask.smoke": (
        "연기가 감지되었습니다. 나갈 수 있으면 지금 밖으로 나가세요. 도움을 부르고 있습니다.",
        "Smoke was detected. If you can leave, go outside now. Help is being called.",
    ),
    "ask.gas": (
        "가스가 감지되었습니다. 불이나 전기 스위치를 만지지 말고 밖으로 나가세요. 도움을 부르고 있습니다.",
        "Gas was detected. Do not touch flames or switches, and go outside. Help is being called.",
    ),
    "ask.co": (
        "일산화탄소가 감지되었습니다. 지금 밖으로 나가 맑은 공기를 마시세요. 도움을 부르고 있습니다.",
        "Carbon monoxide was detected. Go outside into fresh air now. Help is being called.",
    ),
    # What the home says by itself when nobody can be reached: nothing here may promise that help comes.
    "reflex.sos": (
        "지금 담당자에게 연락이 닿지 않습니다. 119에 전화하거나 이웃집 문을 두드리세요. 계속 연락해 보겠습니다.",
        "Your care staff cannot be reached now. Call 119, or knock at a neighbour's door. We keep trying.",
    ),
    "reflex.smoke": (
        "연기가 감지되었지만 담당자에게 연락이 닿지 않습니다. 지금 밖으로 나가 119에 전화하세요.",
        "Smoke was detected, and your care staff cannot be reached. Go outside now, and call 119.",
    ),
    "reflex.gas": (
        "가스가 감지되었지만 담당자에게 연락이 닿지 않습니다. 불이나 스위치를 만지지 말고 나가서 119에 전화하세요.",
        "Gas was detected, and your care staff cannot be reached. Touch no switches, go outside, and call 119.",
    ),
    "reflex.co": (
        "일산화탄소가 감지되었지만 담당자에게 연락이 닿지 않습니다. 지금 밖으로 나가 119에 전화하세요.",
        "Carbon monoxide was detected, and your care staff cannot be reached. Go outside now, and call 119.",
    ),
    "reflex.through": (
        "이제 연락이 닿았습니다. 담당자에게 알렸습니다.",
        "The connection is back. Your care staff have been told.",
    ),
}
