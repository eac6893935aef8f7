"""Reasons: one sentence for each thing a reflex or a detector can have seen."""

WORDS: dict[str, tuple[str, str]] = {
    # Reflexes
    "evidence.sos": ("SOS를 눌렀습니다({device:room}).", "SOS was pressed ({device:room})."),
    "evidence.sos.battery": (
        "{device}의 배터리가 다 되어 저절로 눌린 것일 수도 있습니다.",
        "The battery of {device} is empty: it may be false.",
    ),
    "evidence.fall": ("낙상이 감지되었습니다: {place}.", "A fall was detected: {place}."),
    "evidence.distress": (
        "{device:room}에서 도움을 청하는 말이 들렸습니다.",
        "Words asking for help were heard by {device:room}.",
    ),
    "evidence.despair": (
        "{device:room}에서 살고 싶지 않다는 뜻의 말이 들렸습니다. 먼저 전화로 차분히 안부를 물어 주세요. "
        "다그치거나 나무라지 말고, 힘든 마음을 들어 주세요. 혼자 두지 말고, "
        "위험해 보이면 119나 자살예방상담전화 109의 도움을 받으세요.",
        "{device:room} heard words of not wanting to live. Please call first, calmly, and ask how they are. Do not "
        "press or blame; listen. Do not leave them alone; in danger, get help from 119 or the crisis line 109.",
    ),
    "evidence.misheard": (
        "{device:room}에서 도움이 필요할 수 있는 말이 들렸습니다. 잘못 들었거나 급하지 않을 수 있어 먼저 여쭙니다.",
        "{device:room} heard words that may call for help. Maybe misheard, or not urgent: the resident is asked first.",
    ),
    "evidence.smoke": ("연기가 감지되었습니다: {place}.", "Smoke was detected: {place}."),
    "evidence.gas": ("가스 누출이 감지되었습니다: {place}.", "Leaking gas was detected: {place}."),
    "evidence.co": ("일산화탄소가 감지되었습니다: {place}.", "Carbon monoxide was detected: {place}."),
    "evidence.leak": ("물이 새고 있습니다: {place}.", "Water is leaking: {place}."),
    "evidence.delayed": (
        "이 신호는 {when}의 것으로, {age:dur} 늦게 도착했습니다.",
        "This report is from {when} and arrived {age:dur} late.",
    ),
    "evidence.clock": (
        "{device}의 시계가 맞지 않아 도착한 시각을 썼습니다.",
        "The clock of {device} is wrong, so the time of arrival is used.",
    ),
    "evidence.late.sos": (
        "{when}에 누른 SOS가 {age:dur} 늦게 도착했습니다: {place}.",
        "An SOS pressed at {when} arrived {age:dur} late: {place}.",
    ),
    "evidence.late.fall": (
        "{when}의 낙상 신호가 {age:dur} 늦게 도착했습니다: {place}.",
        "A fall at {when} was reported {age:dur} late: {place}.",
    ),
    "evidence.late.distress": (
        "{when}에 도움을 청한 말이 {age:dur} 늦게 도착했습니다: {place}.",
        "Words asking for help at {when} arrived {age:dur} late: {place}.",
    ),
    "evidence.late.despair": (
        "{when}에 살고 싶지 않다는 뜻의 말이 들렸고 {age:dur} 늦게 도착했습니다({place}). "
        "늦었어도 오늘 안부를 물어 주세요.",
        "Words of not wanting to live were heard at {when} and arrived {age:dur} late ({place}). Please ask today how "
        "they are, late as it is.",
    ),
    "evidence.late.misheard": (
        "{when}에 도움을 청하는 말과 비슷한 말이 들렸고 {age:dur} 늦게 도착했습니다: {place}.",
        "Words like a call for help at {when} arrived {age:dur} late: {place}.",
    ),
    "evidence.late.smoke": (
        "{when}의 연기 신호가 {age:dur} 늦게 도착했습니다: {place}.",
        "Smoke at {when} was reported {age:dur} late: {place}.",
    ),
    "evidence.late.gas": (
        "{when}의 가스 신호가 {age:dur} 늦게 도착했습니다: {place}.",
        "Gas at {when} was reported {age:dur} late: {place}.",
    ),
    "evidence.late.co": (
        "{when}의 일산화탄소 신호가 {age:dur} 늦게 도착했습니다: {place}.",
        "Carbon monoxide at {when} was reported {age:dur} late: {place}.",
    ),
    "evidence.late.leak": (
        "{when}의 누수 신호가 {age:dur} 늦게 도착했습니다: {place}.",
        "A water leak at {when} was reported {age:dur} late: {place}.",
    ),
    # Silence
    "evidence.silence": (
        "{when} 마지막 움직임({place}) 뒤로 {silent:dur} 동안 아무 움직임이 없습니다.",
        "Nobody has moved for {silent:dur}, since {when} ({place}).",
    ),
    "evidence.silence.never": (
        "{when}에 연결된 뒤로 {silent:dur} 동안 움직임이 한 번도 감지되지 않았습니다.",
        "No movement has ever been seen in the {silent:dur} since the home was connected at {when}.",
    ),
    "evidence.silence.checked": (
        "이 조용함의 돌봄콜은 {when}에 종료되었고, 그 뒤로도 움직임이 없습니다.",
        "A Care Call about this silence was closed at {when}, and nobody has been seen to move since.",
    ),
    "evidence.silence.uncounted": (
        "외출 중이거나 집을 볼 수 없던 {unseen:dur은} 세지 않았습니다.",
        "{unseen:dur} of it, when nobody was in or the home could not be seen, is not counted.",
    ),
    "evidence.habit": (
        "이 댁에서 이 시간에 시작된 조용함은 열에 아홉은 {usual:dur} 안에 끝나고, "
        "이만큼 긴 것은 {rarity}번에 한 번입니다({days}일 관찰).",
        "Of silences that begin here at this hour nine in ten end within {usual:dur}, one in {rarity} lasts so long "
        "({days} days seen).",
    ),
    "evidence.habit.mute": (
        "센서 {count}개가 고장으로 의심되어 배운 습관 대신 정해 둔 {limit:dur을} 기준으로 합니다.",
        "{count} of its sensors may be broken: instead of what was learned a fixed limit of {limit:dur} holds.",
    ),
    "evidence.habit.timer": (
        "이 댁의 조용함은 지금까지 배운 습관과 맞지 않아, 정해 둔 {limit:dur을} 기준으로 합니다.",
        "This home's silences do not fit what was learned of it: a fixed limit of {limit:dur} holds.",
    ),
    "evidence.ceiling.own": (
        "이 댁에 따로 정한 한도는 {limit:dur}입니다.",
        "The limit set for this home is {limit:dur}.",
    ),
    "evidence.ceiling.high": (
        "고위험 대상자여서 한도는 낮 시간(07~22시)으로 {limit:dur}입니다.",
        "The resident is at high risk: the limit is {limit:dur} of daytime (07:00-22:00).",
    ),
    "evidence.ceiling.usual": ("한도는 {limit:dur}입니다.", "The limit is {limit:dur}."),
    "evidence.residents": (
        "{residents}명이 함께 살아, 한 사람의 움직임이 다른 사람의 이상을 가릴 수 있습니다.",
        "{residents} people live here: one who moves may hide that another does not.",
    ),
    "evidence.moved": ("다시 움직임이 있습니다: {place}.", "Somebody moves again: {place}."),
    "evidence.last_moved": (
        "마지막 움직임은 {when}, {place:room이었}습니다.",
        "The last movement was at {when}: {place}.",
    ),
    # Out
    "evidence.overdue": (
        "{since}에 외출한 뒤 {out:dur이} 지나 {until}까지 돌아오지 않았습니다.",
        "Out since {since} and not back by {until}, after {out:dur}.",
    ),
    "evidence.overdue.usual": (
        "이 댁의 외출은 열에 아홉은 {usual:dur} 안에 끝나고, 이만큼 긴 외출은 {rarity}번에 한 번입니다({days}일 관찰).",
        "Nine in ten of this home's outings end within {usual:dur}, one in {rarity} lasts so long ({days} days seen).",
    ),
    "evidence.back": ("{when}에 집 안에서 움직임이 있습니다.", "Somebody moved inside at {when}."),
    "evidence.wandering": (
        "밤 {when}에 현관문이 열린 뒤 {gone:dur} 동안 집 안에 움직임이 없습니다.",
        "The door opened at night, {when}, and nobody has moved inside for {gone:dur}.",
    ),
    "evidence.wandering.rare": (
        "이 댁에서 {begins}~{ends}에 현관문이 열린 밤은 {nights}일 밤 가운데 {opened}일쯤이며, "
        "다른 댁들까지 보면 {rarity}일 밤에 한 번꼴도 안 됩니다.",
        "Between {begins} and {ends} the door was opened in about {opened} of the {nights} nights seen here: with what "
        "is usual in other homes, in less than one of {rarity} nights.",
    ),
    "evidence.pacing": (
        "밤 {since}부터 방 사이를 {turns}번 오갔습니다. 평소에는 하룻밤에 많아야 {usual}번쯤 이어서 오갑니다"
        "({nights}일 밤 관찰).",
        "Since {since}, at night, somebody has gone back and forth between rooms {turns} times. Usually it is about "
        "{usual} times on end at most ({nights} nights seen).",
    ),
    # Weeks
    "evidence.drift": (
        "급한 일은 아니지만, 요즘 생활이 평소와 달라졌습니다.",
        "Not urgent, but daily life in this home is no longer as it was.",
    ),
    "evidence.drift.night": (
        "밤(23~06시) 움직임이 평소 {usual}번이었는데 {since}부터 하루 {now}번쯤입니다.",
        "Movements at night (23:00-06:00): usually {usual}, about {now} since {since}.",
    ),
    "evidence.drift.bath_night": (
        "밤(23~06시)에 화장실을 평소 {usual}번 갔는데 {since}부터 하루 {now}번쯤입니다.",
        "Bathroom visits at night (23:00-06:00): usually {usual}, about {now} since {since}.",
    ),
    "evidence.drift.bath_day": (
        "낮에 화장실을 평소 {usual}번 갔는데 {since}부터 하루 {now}번쯤입니다.",
        "Bathroom visits by day: usually {usual}, about {now} since {since}.",
    ),
    "evidence.drift.kitchen": (
        "주방과 냉장고 쪽 움직임이 평소 하루 {usual}번이었는데 {since}부터 {now}번쯤입니다.",
        "Movements at kitchen and fridge: usually {usual} a day, about {now} since {since}.",
    ),
    "evidence.drift.first": (
        "하루를 시작하는 시각이 평소 {usual}쯤이었는데 {since}부터 {now}쯤입니다.",
        "The day usually begins around {usual}, and around {now} since {since}.",
    ),
    "evidence.drift.last": (
        "하루를 마치는 시각이 평소 {usual}쯤이었는데 {since}부터 {now}쯤입니다.",
        "The day usually ends around {usual}, and around {now} since {since}.",
    ),
    "evidence.drift.total": (
        "집 안의 움직임이 평소 하루 {usual}번이었는데 {since}부터 {now}번쯤입니다.",
        "Movements in the home: usually {usual} a day, about {now} since {since}.",
    ),
    "evidence.drift.rooms": (
        "고루 쓰는 방이 평소 {usual}곳이었는데 {since}부터 {now}곳쯤입니다.",
        "Rooms in even use: usually {usual}, about {now} since {since}.",
    ),
    "evidence.drift.out": (
        "밖에 있는 시간이 평소 하루 {usual:dur이었}는데 {since}부터 {now:dur}쯤입니다.",
        "Time out: usually {usual:dur} a day, about {now:dur} since {since}.",
    ),
    "evidence.drift.mood": (
        "슬프거나 힘든 말씀이 평소 하루 {usual}번이었는데 {since}부터 {now}번쯤입니다. 말씀 자체는 저장하지 않습니다.",
        "Sad or weary words: usually {usual} a day, about {now} since {since}. What was said is not kept.",
    ),
    # Heat and cold
    "evidence.heat": (
        "{place}의 온도가 {temp}°C로, {held:dur} 넘게 {limit}°C 이상입니다.",
        "It is {temp} °C in {place}, and has been {limit} °C or more for over {held:dur}.",
    ),
    "evidence.heat.felt": (
        "{place}의 온도는 {temp}°C, 습도는 {humidity}%로 체감 {felt}°C이고, {held:dur} 넘게 체감 {limit}°C 이상입니다.",
        "It is {temp} °C in {place} with {humidity} % humidity, which feels like {felt} °C; it has felt like {limit} "
        "°C or more for over {held:dur}.",
    ),
    "evidence.heat.steep": (
        "{place}의 온도가 한 시간 안에 {change}°C 올라 {temp}°C입니다. {held:dur} 넘게 덥습니다.",
        "It is {temp} °C in {place}, {change} °C more than within the last hour, and has been hot for over {held:dur}.",
    ),
    "evidence.heat.over": ("{place}의 온도가 {temp}°C로 내려왔습니다.", "It has cooled to {temp} °C in {place}."),
    "evidence.cold": (
        "{place}의 온도가 {temp}°C로, {held:dur} 넘게 {limit}°C 이하입니다.",
        "It is {temp} °C in {place}, and has been {limit} °C or less for over {held:dur}.",
    ),
    "evidence.cold.steep": (
        "{place}의 온도가 두 시간 안에 {change}°C 내려 {temp}°C입니다. 난방이 꺼졌거나 창문이 열려 있을 수 있습니다. "
        "{held:dur} 넘게 춥습니다.",
        "It is {temp} °C in {place}, {change} °C less than within the last two hours, and has been cold for over "
        "{held:dur}: the heating may have failed, or a window is open.",
    ),
    "evidence.cold.over": ("{place}의 온도가 {temp}°C로 올라왔습니다.", "It has warmed to {temp} °C in {place}."),
    # Homes and areas that can't be seen
    # Why
    "evidence.cause.person": (
        "가장 가능성 높은 원인: 사람에게 생긴 일({share}%).",
        "Most likely cause: the person ({share} %).",
    ),
    "evidence.cause.sensor": (
        "가장 가능성 높은 원인: 센서 고장({share}%).",
        "Most likely cause: a sensor ({share} %).",
    ),
    "evidence.cause.power": (
        "가장 가능성 높은 원인: 집의 전기({share}%).",
        "Most likely cause: the home's power ({share} %).",
    ),
    "evidence.cause.network": (
        "가장 가능성 높은 원인: 통신망({share}%).",
        "Most likely cause: the network ({share} %).",
    ),
    "evidence.cause.server": (
        "가장 가능성 높은 원인: 우리 서버({share}%).",
        "Most likely cause: our own server ({share} %).",
    ),
    "evidence.cause.firmware": (
        "가장 가능성 높은 원인: 게이트웨이의 펌웨어({share}%).",
        "Most likely cause: the gateways' firmware ({share} %).",
    ),
    "evidence.cause.against.nothing": (
        "반대 근거: 알려진 것이 없습니다.",
        "Against it: nothing that is known.",
    ),
    "evidence.cause.unbeaten": (
        "게이트웨이가 생존 신호를 보내지 않아, 집과 연결되어 있는지는 알 수 없습니다.",
        "The gateway sends no heartbeats: whether the home can be heard is not known.",
    ),
    **{
        f"evidence.cause.{side}.{fact}": (f"{ko}: {text_ko}", f"{en}: {text_en}")
        for side, ko, en in (("for", "근거", "For it"), ("against", "반대 근거", "Against it"))
        for fact, text_ko, text_en in (
            ("heard", "게이트웨이는 {ago:dur} 전에도 응답했습니다.", "the gateway was heard {ago:dur} before."),
            ("unheard", "{silent:dur} 동안 집에서 아무것도 오지 않았습니다.", "nothing has come for {silent:dur}."),
            ("will", "브로커가 연결이 끊겼다고 알렸습니다.", "the broker said that the connection broke."),
            ("mains", "{silent:dur} 전에 정전을 알렸습니다.", "it reported a power failure {silent:dur} before."),
            (
                "neighbours",
                "이웃 {homes}가구 가운데 {gone}가구도 끊겼습니다.",
                "{gone} of {homes} neighbours are gone too.",
            ),
            ("alone", "이웃 {homes}가구는 잘 보입니다.", "{homes} neighbours can be seen well."),
            (
                "firmware",
                "같은 펌웨어({firmware})의 {homes}가구 가운데 {gone}가구가 끊겼고, 다른 집은 대부분 보입니다.",
                "{gone} of {homes} others with the same firmware ({firmware}) are gone, most homes with another not.",
            ),
            ("fleet", "전체 {homes}가구 대부분이 끊겼습니다.", "most of all {homes} homes are gone."),
            ("mute", "이 댁의 센서 {count}개가 고장으로 의심됩니다.", "{count} of its sensors may be broken."),
            ("battery", "센서 {count}개의 배터리가 부족합니다.", "{count} of its sensors have a low battery."),
            ("lost", "센서 {count}개의 연결이 끊겼습니다.", "{count} of its devices are lost."),
            (
                "others",
                "센서 {count}개가 하루 안에 작동했습니다.",
                "{count} of its sensors worked within the last day.",
            ),
        )
    },
    "evidence.dark": (
        "{when}부터 {silent:dur} 동안 집에서 아무 신호도 오지 않아 상태를 알 수 없습니다.",
        "Nothing has come from the home for {silent:dur}, since {when}: how it is there cannot be seen.",
    ),
    "evidence.dark.home": ("그때 집에 사람이 있었습니다.", "Somebody was at home then."),
    "evidence.dark.away": ("그때 집에는 아무도 없었습니다.", "Nobody was at home then."),
    "evidence.dark.mains": ("{when}에 먼저 정전이 있었습니다.", "The power had failed first, at {when}."),
    "evidence.dark.never": (
        "등록한 뒤 {silent:dur} 동안 이 집에서 신호가 한 번도 오지 않았습니다.",
        "Nothing has ever come from this home in the {silent:dur} since it was registered.",
    ),
    "evidence.light": (
        "{out:dur} 만에 집에서 다시 신호가 옵니다.",
        "The home can be seen again after {out:dur}.",
    ),
    "evidence.mains": (
        "{when}부터 전기가 끊겨 배터리로 버티고 있으며, 얼마나 갈지 알 수 없습니다.",
        "The power has been out since {when}: the gateway runs on its battery, for how long is not known.",
    ),
    "evidence.mains.back": ("{out:dur} 만에 전기가 다시 들어왔습니다.", "The power is back after {out:dur}."),
    "evidence.outage": (
        "{area} 지역 {homes}가구 가운데 {gone}가구가 {when}쯤 한꺼번에 끊겼습니다.",
        "{gone} of {homes} homes in {area} went silent together around {when}.",
    ),
    "evidence.outage.fleet": (
        "전체{area} {homes}가구 가운데 {gone}가구가 {when}쯤 한꺼번에 끊겼습니다.",
        "{gone} of all {homes} homes{area} went silent together around {when}.",
    ),
    "evidence.outage.over": (
        "{out:dur} 뒤 {homes}가구 가운데 {back}가구가 돌아왔습니다. 지역: {area}.",
        "After {out:dur}, {back} of {homes} homes are back. Area: {area}.",
    ),
    "evidence.outage.wider": (
        "{out:dur} 동안 이어진 이 장애({homes}가구 중 {back}가구 복구, {area})는 더 넓은 지역 장애에 합쳐졌습니다.",
        "This outage ({area}, {out:dur}, {back} of {homes} homes back) is now part of a wider one.",
    ),
    "evidence.outage.firmware": (
        "펌웨어 {firmware}(을)를 쓰는 {homes}가구 가운데 {gone}가구가 {when}쯤 한꺼번에 끊겼습니다. "
        "다른 펌웨어를 쓰는 집은 대부분 보입니다.",
        "{gone} of {homes} homes with the firmware {firmware} went silent together around {when}; most of those with "
        "another can be seen.",
    ),
    "evidence.outage.firmware.over": (
        "{out:dur} 뒤 {homes}가구 가운데 {back}가구가 돌아왔습니다. 펌웨어: {firmware}.",
        "After {out:dur}, {back} of {homes} homes are back. Firmware: {firmware}.",
    ),
    "evidence.outage.firmware.wider": (
        "{out:dur} 동안 이어진 펌웨어 {firmware}의 장애({homes}가구 중 {back}가구 복구)는 더 넓은 장애에 합쳐졌습니다.",
        "This outage (firmware {firmware}, {out:dur}, {back} of {homes} homes back) is now part of a wider one.",
    ),
    "evidence.outage.life": (
        "장애가 풀린 뒤 {within:dur} 동안 움직임이 없습니다. 마지막 움직임: {when} {place}.",
        "Nobody has moved for {within:dur} since the outage ended; last movement: {when} {place}.",
    ),
    # Devices
    "evidence.device.battery": (
        "{device} 배터리가 {percent}% 남았습니다.",
        "The battery of {device} is at {percent}%.",
    ),
    "evidence.device.battery.over": (
        "{device} 배터리가 {percent}%로 회복되었습니다.",
        "The battery of {device} is back at {percent}%.",
    ),
    "evidence.flood": (
        "게이트웨이 {gateway}에서 신호가 쏟아져 급하지 않은 것은 따로 두고 있습니다. 긴급 호출은 그대로 받습니다.",
        "The gateway {gateway} floods: what is not urgent is set aside. Its emergencies are taken in as ever.",
    ),
    "evidence.flood.over": (
        "게이트웨이 {gateway}에서 쏟아지던 신호가 멎었습니다.",
        "The gateway {gateway} floods no more.",
    ),
    "evidence.device.chatter": (
        "{device}에서 {window:dur} 사이 {count}번 넘게 신호가 와서 고장으로 보입니다.",
        "{device} reported more than {count} times within {window:dur} and seems broken.",
    ),
    "evidence.device.stuck": (
        "{device}의 온도가 하루 넘게 {temp}°C에서 그대로여서 고장으로 보입니다.",
        "{device} has shown exactly {temp} °C for over a day and seems broken.",
    ),
    "evidence.device.impossible": (
        "{device}의 온도 {temp}°C는 있을 수 없는 값입니다.",
        "{device} shows {temp} °C, which cannot be.",
    ),
    "evidence.device.lost": ("{device} 연결이 끊겼습니다({reason}).", "{device} is lost ({reason})."),
    "evidence.mute": (
        "{place} 센서가 {silent:dur} 동안 조용합니다. 그 사이 다른 센서들은 30분 구간 {chances}번에서 사람을 감지했고, "
        "평소라면 이 센서도 그중 {usual}번쯤 감지합니다. 고장이거나 그곳을 쓰지 않는 것일 수 있습니다.",
        "The sensor {place} has said nothing for {silent:dur}, while the others saw somebody in {chances} half hours; "
        "usually it would have in about {usual} of them. It may be broken, or nobody goes there any more.",
    ),
    "evidence.mute.over": (
        "{place} 센서가 {silent:dur} 만에 다시 신호를 보냈습니다.",
        "The sensor {place} speaks again after {silent:dur}.",
    ),
    "evidence.canary": (
        "점검용 SOS가 {limit:dur} 안에 담당자에게 닿지 않았습니다({areas}). 실제 SOS도 늦거나 닿지 않을 수 있습니다.",
        "A test SOS did not reach its member within {limit:dur} ({areas}). Real calls may be late or lost.",
    ),
    "evidence.canary.over": ("점검용 SOS가 다시 제때 닿습니다.", "Test calls arrive in time again."),
    "evidence.stranger": (
        "등록된 집이 없는 게이트웨이 {gateway}에서 왔습니다.",
        "It came from the gateway {gateway}, which no enrolled home has.",
    ),
    "evidence.unreadable_case": (
        "사례 {case}번의 기록이 손상되어 읽을 수 없어 새로 열었습니다. 처음부터 다시 확인해 주세요.",
        "Case {case} is damaged and cannot be read, so it was opened anew. Please check from the beginning.",
    ),
    "evidence.unreadable_sos": (
        "{gateway}에서 SOS 신호가 왔지만 내용을 읽을 수 없습니다. 실제 도움 요청일 수 있습니다.",
        "An SOS came from {gateway} that cannot be read. It may be a real call for help.",
    ),
}
