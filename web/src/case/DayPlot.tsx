// A home's last 24 hours by room beside its usual day, so that a silence can be seen; the same as a table.
import { useQuery } from "@tanstack/react-query";
import { api, got } from "../api";
import type { HomeDay, Room, Stretch } from "../contract";
import { useLanguage, useSay } from "../language";
import { hourTime, localMinutes, useWhen } from "../time";
import { Busy, ErrorBox, Table } from "../ui";
import { day as words } from "../words/case";

const MINUTES = 24 * 60;
const SLOT = 30;

/** Minutes since the day's beginning. */
function at(day: HomeDay, moment: string): number {
  return (Date.parse(moment) - Date.parse(day.since)) / 60_000;
}

/** The usual share at each half-hour of the window, which begins at any time of day. */
function turned(day: HomeDay, usual: number[]): { x: number; share: number }[] {
  const start = localMinutes(day.since, day.timezone);
  const first = Math.floor(start / SLOT);
  return Array.from({ length: MINUTES / SLOT + 1 }, (_, index) => ({
    x: (first + index) * SLOT - start,
    share: usual[(first + index) % usual.length] ?? 0,
  }));
}

function Row({ day, name, acts, usual }: { day: HomeDay; name: string; acts: string[]; usual: number[] }) {
  const gaps: Stretch[] = [...day.unheard, ...day.absent];
  return (
    <div className="day-row">
      <span>{name}</span>
      <svg viewBox={`0 0 ${MINUTES} 40`} preserveAspectRatio="none" aria-hidden="true">
        <rect className="day-ground" width={MINUTES} height="40" />
        {turned(day, usual).map(({ x, share }) => (
          <rect key={x} className="day-usual" x={x} width={SLOT - 3} y={40 - 18 * share} height={18 * share} />
        ))}
        {gaps.map((gap) => (
          <rect key={gap.start + gap.end} className="day-gap" x={at(day, gap.start)} width={Math.max(4, at(day, gap.end) - at(day, gap.start))} height="20" />
        ))}
        {acts.map((moment) => <rect key={moment} className="day-act" x={at(day, moment)} width="5" y="1" height="18" />)}
      </svg>
    </div>
  );
}

function Gaps({ day }: { day: HomeDay }) {
  const t = useSay();
  const { language } = useLanguage();
  const span = (one: Stretch) => ({ from: hourTime(one.start, language), to: hourTime(one.end, language) });
  const said = [
    ...day.unheard.map((one) => t(words.unheard, span(one))),
    ...day.absent.map((one) => t(words.absent, span(one))),
    ...day.door.map((one) => t(words.out, span(one))),
  ];
  return said.length ? <p className="small">{said.join(" · ")}</p> : null;
}

export function DayPlot({ home }: { home: string }) {
  const t = useSay();
  const { language } = useLanguage();
  const moment = useWhen();
  const { data: day, error, refetch } = useQuery({
    queryKey: ["day", home],
    queryFn: () => got(api.GET("/api/homes/{id}/day", { params: { path: { id: home } } })),
    refetchInterval: 60_000,
  });
  const hours = day ? [0, 6, 12, 18, 24].map((hour) => hourTime(Date.parse(day.since) + hour * 3_600_000, language)) : [];
  // An absence that is in force reaches to the window's end: until it is over, silence alarms nobody.
  const away = day?.absent.some((one) => Date.parse(one.end) >= Date.parse(day.until)) ?? false;
  const usualNow = (room: Room) => (day ? Math.round(100 * (turned(day, room.usual).at(-1)?.share ?? 0)) : 0);
  return (
    <section className="panel" aria-labelledby="day" data-testid="day">
      <h2 id="day">{t(words.title)}</h2>
      {error && !day ? <ErrorBox error={error} onAgain={() => void refetch()} /> : null}
      {!day ? error ? null : <Busy /> : (
        <>
          <p>{day.last_act ? t(words.last, { at: moment(day.last_act) }) : t(day.days ? words.no_last : words.no_days)}</p>
          {away ? <p className="strong">{t(words.away)}</p> : day.next_alarm && day.next_alarm_as_of ? (
            <p data-testid="day-alarm">{t(words.alarm, { at: moment(day.next_alarm), as_of: hourTime(day.next_alarm_as_of, language) })}</p>
          ) : null}
          {day.rooms.length ? (
            <div className="day">
              <Row day={day} name={t(words.anywhere)} acts={[...new Set(day.rooms.flatMap((room) => room.at))]} usual={day.usual} />
              {day.rooms.map((room) => <Row key={room.room} day={day} name={t(room.name)} acts={room.at} usual={room.usual} />)}
              <div className="day-row day-hours"><span /><span>{hours.map((hour, index) => <time key={index}>{hour}</time>)}</span></div>
            </div>
          ) : <p className="soft">{t(words.quiet)}</p>}
          <Gaps day={day} />
          <p className="soft small">{t(words.legend, { days: day.days })}</p>
          <details>
            <summary>{t(words.as_table)}</summary>
            <Table
              caption={t(words.title)}
              rows={day.rooms}
              id={(room) => room.room}
              columns={[
                { key: "room", head: t(words.room), names: true, cell: (room) => t(room.name) },
                { key: "times", head: t(words.times), cell: (room) => t(words.minutes, { count: room.at.length }) },
                { key: "last", head: t(words.last_at), cell: (room) => room.at.at(-1) ? moment(room.at.at(-1) ?? "") : "–" },
                { key: "usual", head: t(words.usual_by), cell: (room) => t(words.percent, { share: usualNow(room) }) },
              ]}
            />
          </details>
        </>
      )}
    </section>
  );
}
