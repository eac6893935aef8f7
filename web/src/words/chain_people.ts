// What the page of a person says, and what the facts that may be known of somebody are called.
import { words, type Word } from "./word";

export const people = words({
  person: { ko: "사람", en: "Person" },
  since: { ko: "처음 등록", en: "Known since" },
  contact_at: { ko: "마지막 연락", en: "Last contact" },
  risk: { ko: "위험도", en: "Risk" },
  home: { ko: "센서가 있는 댁", en: "Watched home" },
  gone: { ko: "{when} {why}(으)로 기록되었습니다.", en: "On record as {why} since {when}." },
  spoken: { ko: "방금 본인과 연락했습니다", en: "I have just spoken to them" },
  spoken_done: { ko: "연락한 것을 기록했습니다.", en: "The contact is on record." },
  facts: { ko: "알아 둘 것", en: "What is known" },
  facts_hint: { ko: "목적에 필요한 것만 적어 주세요. 보는 것도 모두 기록됩니다.", en: "Only what its purpose needs. Every look is recorded, too." },
  facts_none: { ko: "볼 수 있는 내용이 없습니다.", en: "There is nothing that you may read." },
  empty: { ko: "아직 적지 않음", en: "not written down" },
  not_yours: { ko: "내 역할에는 보이지 않음", en: "not shown to your role" },
  purpose: { ko: "목적: {purpose}", en: "For: {purpose}" },
  readers: { ko: "볼 수 있는 사람: {readers}", en: "Readers: {readers}" },
  change: { ko: "고치기", en: "Change" },
  change_named: { ko: "{fact} 고치기", en: "Change: {fact}" },
  list_hint: { ko: "한 줄에 하나씩 적어 주세요.", en: "One in each line." },
  ties: { ko: "가족과 보호자", en: "Family and guardians" },
  ties_none: { ko: "기록된 가족이나 보호자가 없습니다.", en: "Nobody is on record." },
  tie_add: { ko: "가족이나 보호자 더하기", en: "Add family or a guardian" },
  tie_kind: { ko: "관계", en: "They are" },
  tie_find: { ko: "그 사람의 이름", en: "Their name" },
  tie_end: { ko: "관계 지우기", en: "Take away" },
  tie_saved: { ko: "관계를 기록했습니다.", en: "The tie is on record." },
  tie_ended: { ko: "관계 기록을 지웠습니다.", en: "The tie was taken away." },
  episodes: { ko: "돌봄", en: "Care" },
  gone_title: { ko: "전출·사망 기록", en: "Moved away or died" },
  gone_why: { ko: "무슨 일인가요?", en: "What has happened?" },
  gone_at: { ko: "언제부터인가요?", en: "Since when?" },
  gone_save: { ko: "기록하기", en: "Put it on record" },
  gone_done: { ko: "기록했습니다. 남은 돌봄은 모두 멈춥니다.", en: "On record. Nothing of their care goes on." },
  back: { ko: "다시 계신 것으로 고치기", en: "They are here after all" },
  back_done: { ko: "다시 계신 것으로 고쳤습니다.", en: "On record: they are here." },
});

export const readers: Record<string, Word> = words({
  manager: { ko: "돌봄 담당자", en: "care managers" },
  supervisor: { ko: "구 관리자", en: "supervisors" },
  duty: { ko: "당직", en: "the duty desk" },
  worker: { ko: "제공 인력", en: "workers" },
});

/** What the values of facts are called, by the fact. */
export const values: Record<string, Record<string, Word>> = {
  gender: words({
    female: { ko: "여성", en: "female" },
    male: { ko: "남성", en: "male" },
    other: { ko: "그 밖", en: "other" },
  }),
  income_band: words({
    basic_livelihood: { ko: "기초생활수급", en: "basic livelihood" },
    near_poverty: { ko: "차상위", en: "near poverty" },
    median: { ko: "중위소득 이하", en: "up to the median" },
    above: { ko: "중위소득 초과", en: "above the median" },
  }),
  disability: words({
    none: { ko: "없음", en: "none" },
    mild: { ko: "심하지 않음", en: "mild" },
    severe: { ko: "심함", en: "severe" },
  }),
  challenges: words({
    hearing: { ko: "듣기 어려움", en: "hard of hearing" },
    sight: { ko: "보기 어려움", en: "poor sight" },
    speech: { ko: "말하기 어려움", en: "trouble speaking" },
    walking: { ko: "걷기 어려움", en: "trouble walking" },
    memory: { ko: "기억이 흐림", en: "memory" },
    mood: { ko: "우울함", en: "low mood" },
    drinking: { ko: "음주", en: "drinking" },
    hoarding: { ko: "물건 쌓아 둠", en: "hoarding" },
    violence: { ko: "공격적일 수 있음", en: "may be violent" },
  }),
  language: words({
    ko: { ko: "한국어", en: "Korean" },
    en: { ko: "영어", en: "English" },
    zh: { ko: "중국어", en: "Chinese" },
    vi: { ko: "베트남어", en: "Vietnamese" },
    ru: { ko: "러시아어", en: "Russian" },
    uz: { ko: "우즈베크어", en: "Uzbek" },
    sign: { ko: "수어", en: "sign language" },
  }),
};
