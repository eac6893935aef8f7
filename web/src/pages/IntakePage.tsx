// A call to the Care Call line on one page: whom it is about, what is needed, how it came; made for somebody on the telephone.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { api, asFault, got } from "../api";
import { useDeed, useUnsaved } from "../chain/deed";
import { Finder } from "../chain/Finder";
import { cityOf, isDong, useAreas, useCities, useNames, useServices } from "../chain/names";
import { AreaSelect } from "../chain/parts";
import type { EpisodeDetail, Person } from "../chain/shapes";
import { useSay } from "../language";
import type { components } from "../schema";
import { Button, ButtonLink, Check, ErrorBox, Notice, Page, Radios, TextField } from "../ui";
import { chain } from "../words/chain";
import { origins, priorities } from "../words/chain_codes";
import { named } from "../words/city";

type Application = components["schemas"]["ApplicationIn"];
type Origin = Application["origin"];
type Priority = NonNullable<Application["priority"]>;

const MOST = 5;
const PARTS: Record<string, string> = { "1": "whom", "2": "what", "3": "how" };

const blank = () => ({ id: crypto.randomUUID(), name: "", area: "", origin: "operator", priority: "soon", services: [] as string[], note: "" });

/** That somebody has care under way already is told before the call is over. */
function UnderWay({ person }: { person: Person }) {
  const t = useSay();
  const { data = [] } = useQuery({
    queryKey: ["care", "episodes", { person: person.id }],
    queryFn: () => got(api.GET("/api/care/episodes", { params: { query: { person: person.id, limit: 5 } } })),
  });
  const open = data.find((one) => one.closed_at === null);
  if (!open) return null;
  return (
    <Notice kind="warn" testid="under-way">
      <p>{t(chain.has_open, { stage: t(open.stage_name) })}</p>
      <Link href={`/episodes/${open.id}`}>{t(chain.look_at_it)}</Link>
    </Notice>
  );
}

export default function IntakePage() {
  const t = useSay();
  const [said, setSaid] = useState(blank);
  const [person, setPerson] = useState<Person | null>(null);
  const [wrong, setWrong] = useState<{ whom?: string; area?: string }>({});
  const [made, setMade] = useState<EpisodeDetail | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const cities = useCities();
  const { areas } = useAreas();
  const onlyDong = areas.filter((area) => isDong(area.code)).length === 1 ? (areas.find((area) => isDong(area.code))?.code ?? "") : "";
  const area = person?.area ?? (said.area || onlyDong);
  const names = useNames(cityOf(area));
  const services = useServices(cityOf(area) || (cities?.[0]?.city ?? ""));
  const send = useDeed(
    (body: Application, once) => got(api.POST("/api/care/applications", { body, params: once })),
    chain.taken_down,
    (out) => {
      setMade(out);
      setSaid(blank());
      setPerson(null);
    },
  );
  useUnsaved(!made && (person !== null || said.name !== "" || said.note !== "" || said.services.length > 0));
  useEffect(() => {
    const jump = (event: KeyboardEvent) => {
      const part = event.altKey ? PARTS[event.key] : undefined;
      if (!part) return;
      event.preventDefault();
      document.querySelector<HTMLElement>(`#${part} input, #${part} button`)?.focus();
    };
    addEventListener("keydown", jump);
    return () => removeEventListener("keydown", jump);
  }, []);

  const put = (part: Partial<typeof said>) => setSaid({ ...said, ...part });
  const submit = () => {
    const found = { whom: person || said.name.trim() ? undefined : t(chain.need_whom), area: area ? undefined : t(chain.need_dong) };
    setWrong(found);
    if (found.whom || found.area) {
      document.querySelector<HTMLElement>("#whom input")?.focus();
      return;
    }
    const whom = person ? (person.home ? { home: person.home } : { person: person.id }) : { name: said.name.trim(), area };
    const body: Application = {
      id: said.id,
      origin: said.origin as Origin,
      priority: said.priority as Priority,
      services: said.services,
      note: said.note,
      exercise: person?.exercise ?? false,
      ...whom,
    };
    send.mutate(body, {
      // What was refused is kept under its id: corrected, it is another application.
      onError: (error) => {
        if (!asFault(error).passing) setSaid((before) => ({ ...before, id: crypto.randomUUID() }));
      },
    });
  };

  if (made) {
    return (
      <Page title={t(chain.taken_title, { name: made.name || made.person })} narrow>
        <Notice kind="good" testid="taken-down">
          <p>{t(chain.taken_down)}</p>
        </Notice>
        <div className="stack">
          <ButtonLink to={`/episodes/${made.id}`} kind={["first", "big"]}>{t(chain.to_episode)}</ButtonLink>
          <Button onClick={() => setMade(null)}>{t(chain.next_call)}</Button>
        </div>
      </Page>
    );
  }
  return (
    <Page title={t(chain.intake_title)}>
      <form
        ref={form}
        className="stack"
        noValidate
        onKeyDown={(event) => {
          if (event.key === "Enter" && event.ctrlKey) form.current?.requestSubmit();
        }}
        onSubmit={(event) => {
          event.preventDefault();
          if (!send.isPending) submit();
        }}
      >
        <p className="soft keys">{t(chain.keys)}</p>
        <section className="panel stack" id="whom" aria-labelledby="whom-head">
          <h2 id="whom-head">{t(chain.who)}</h2>
          {person ? (
            <>
              <Notice kind="good">
                <p>{t(chain.chosen, { name: person.name || person.id, area: t(names.area(person.area)) })}</p>
                <Button onClick={() => setPerson(null)}>{t(chain.choose_other)}</Button>
              </Notice>
              <UnderWay person={person} />
            </>
          ) : (
            <>
              <Finder
                text={said.name}
                onText={(name) => put({ name })}
                onPick={setPerson}
                label={t(chain.name)}
                hint={t(chain.look_up_hint)}
                wrong={wrong.whom}
                none={chain.found_none}
              />
              <AreaSelect
                label={t(chain.dong)}
                value={said.area || onlyDong}
                onPick={(code) => put({ area: code })}
                only={isDong}
                wrong={wrong.area}
              />
            </>
          )}
        </section>
        <section className="panel stack" id="what" aria-labelledby="what-head">
          <h2 id="what-head">{t(chain.what)}</h2>
          <p className="soft" role="status">
            {said.services.length === MOST ? t(chain.five_full) : t(chain.five, { count: said.services.length })}
          </p>
          <div className="choices" role="group" aria-labelledby="what-head">
            {services.map((service) => (
              <Check
                key={service.code}
                label={t(service.name)}
                checked={said.services.includes(service.code)}
                onTick={(on) => {
                  const others = said.services.filter((code) => code !== service.code);
                  if (!on) put({ services: others });
                  else if (others.length < MOST) put({ services: [...others, service.code] });
                }}
              />
            ))}
          </div>
        </section>
        <section className="panel stack" id="how" aria-labelledby="how-head">
          <h2 id="how-head">{t(chain.how)}</h2>
          <Radios
            label={t(chain.origin)}
            name="origin"
            choices={Object.entries(origins).map(([value, word]) => ({ value, label: t(word) }))}
            value={said.origin}
            onPick={(origin) => put({ origin })}
          />
          <Radios
            label={t(chain.priority)}
            name="priority"
            choices={["urgent", "soon", "routine"].map((value) => ({ value, label: t(named(priorities, value)) }))}
            value={said.priority}
            onPick={(priority) => put({ priority })}
          />
          <TextField label={t(chain.note)} hint={t(chain.note_hint)} maxLength={2000} value={said.note} onChange={(event) => put({ note: event.target.value })} />
        </section>
        {send.error ? <ErrorBox error={send.error} /> : null}
        <Button type="submit" kind={["first", "big"]} busy={send.isPending} testid="take-down">{t(chain.take_down)}</Button>
      </form>
    </Page>
  );
}
