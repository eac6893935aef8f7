"""What is said in a home about its own devices, and to whoever sets it up."""

WORDS: dict[str, tuple[str, str]] = {
    # What Home Assistant shows of us
    "shown.model": ("안부 게이트웨이", "Anbu gateway"),
    "shown.case_open": ("돌봄콜 진행 중", "Case open"),
    "shown.home_watched": ("안부 확인 중", "Home watched"),
    "shown.last_motion": ("마지막 움직임", "Last motion"),
    "shown.last_motion_age": ("마지막 움직임 뒤 지난 시간", "Last motion age"),
    # What a device must do to prove itself, by the kind of event
    "pair.do.sos": ("버튼을 한 번 누르세요", "press it once"),
    "pair.do.motion": ("감지기 앞에서 움직이세요", "move in front of it"),
    "pair.do.presence": ("감지되는 자리에 가 계세요", "go where it sees you, or sit on it"),
    "pair.do.contact": ("열었다 닫거나 흔드세요", "open and close it, or shake it"),
    "pair.do.bed": ("침대에 누우세요", "lie on the bed"),
    "pair.do.medication": ("약통을 여세요", "open the box"),
    "pair.do.appliance": ("켰다 끄세요", "turn it on and off"),
    "pair.do.climate": (
        "값을 보낼 때까지 기다리거나 전원을 껐다 켜세요",
        "wait for a measurement, or power it off and on",
    ),
    "pair.do.smoke": ("전원을 껐다 켜세요. 연기를 내지 마세요", "power it off and on; make no smoke"),
    "pair.do.gas": ("전원을 껐다 켜세요. 가스를 내지 마세요", "power it off and on; let out no gas"),
    "pair.do.co": ("전원을 껐다 켜세요", "power it off and on"),
    "pair.do.leak": ("전원을 껐다 켜세요. 물에 적시지 마세요", "power it off and on; keep it dry"),
    "pair.do.fall": ("전원을 껐다 켜세요", "power it off and on"),
    "pair.do.vital": ("한 번 재세요", "take a measurement"),
    "pair.do.utterance": ("말해 보세요", "say something to it"),
    "pair.do.answer": ("물음에 답해 보세요", "answer its question"),
    "pair.do.wake": ("불러 보세요", "speak its wake word"),
    "pair.do.any": ("한 번 써 보세요: 누르거나 움직이거나 여세요", "use it: press, move or open"),
    "pair.do.press": (
        "이 버튼은 아무도 부르지 않습니다. 비상 버튼이면 이름에 SOS나 비상을 넣고, 리모컨이면 --remote로 알려 주세요",
        "this button calls nobody: if it is for emergencies, name it SOS; if it is a remote, say so with --remote",
    ),
    # The terminal
    "pair.begins": (
        "설치 점검을 {minutes}분 동안 합니다. 각 기기를 아래처럼 해 보세요. 버튼은 처음 한 번만 점검입니다. "
        "두 번째부터는, 그리고 이미 확인된 버튼은 진짜 SOS로 알립니다. Ctrl-C로 끝냅니다.",
        "Commissioning, for {minutes} minutes. Do with each device what stands beside it. Only a button's first press "
        "is a test: the second, and any of a button that is proved already, is a real SOS. Ctrl-C ends it.",
    ),
    "pair.device": ("기기", "device"),
    "pair.todo": ("할 일", "what to do"),
    "pair.left": ("{left:dur} 남음", "{left:dur} left"),
    "pair.proved": ("확인됨", "proved"),
    "pair.ticked": ("확인됨: {device}", "proved: {device}"),
    "pair.calls_nobody": ("{device}: 이 버튼은 아무도 부르지 않습니다.", "{device}: this button calls nobody."),
    "pair.unproved": ("확인 안 됨: {device}: {what}", "not proved: {device}: {what}"),
    "pair.cried": ("{device}: 진짜 SOS로 알렸습니다.", "{device}: this press was passed on as a real SOS."),
    "pair.nothing": ("아직 아무 기기도 보이지 않습니다.", "No device has been heard or announced yet."),
    "pair.done": ("기기 {devices}개가 모두 확인되었습니다.", "All {devices} devices are proved."),
    "pair.over": (
        "설치 점검이 끝났습니다. 확인 안 된 기기: {devices}개.",
        "Commissioning is over; not proved: {devices}.",
    ),
    "pair.other": (
        "다른 곳에서 이미 설치 점검을 하고 있습니다. 그것이 끝난 뒤에 다시 하세요.",
        "Somebody else commissions this home just now: try again when they are done.",
    ),
    "pair.forgotten": ("{device}: 이 집의 기기에서 뺐습니다.", "{device} is a device of this home no more."),
    "pair.remote": ("{device}: 아무도 부르지 않는 리모컨으로 알아 둡니다.", "{device} is a remote that calls nobody."),
    "pair.not_remote": (
        "{device}: 이 집에 그런 리모컨이 없거나, 누르면 부르는 버튼입니다.",
        "{device}: the home has no such remote, or its presses do call.",
    ),
    "pair.no_gateway": (
        "{broker}에서 anbu gateway가 답하지 않습니다. 실행 중이어야 합니다.",
        "No anbu gateway answers at {broker}: it must be running.",
    ),
}
