// One's own settings: how the console looks and sounds on this device, and how one logs in.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { soundOff, soundOn, useAudible } from "../board/sound";
import { useSay } from "../language";
import { Calendars } from "../me/Calendars";
import { Keys } from "../me/Keys";
import { Places } from "../me/Places";
import { onRemembered, recall, remember, type Setting } from "../memory";
import { isPushed, pushHere, pushNoMore, pushWorks } from "../push";
import { useMe, useSession } from "../session";
import { Button, Check, ErrorBox, Notice, Page, Radios } from "../ui";
import { me as words } from "../words/me";
import type { Word } from "../words/word";

function Look({ setting, label, choices }: { setting: Setting; label: Word; choices: Record<string, Word> }) {
  const t = useSay();
  const value = useSyncExternalStore(onRemembered, () => recall(setting) ?? "system");
  return (
    <Radios
      label={t(label)}
      name={setting}
      value={value}
      onPick={(picked) => remember(setting, picked)}
      choices={Object.entries(choices).map(([key, word]) => ({ value: key, label: t(word) }))}
    />
  );
}

function Push() {
  const t = useSay();
  const { push_key: key } = useMe();
  const cache = useQueryClient();
  const { data: pushed } = useQuery({ queryKey: ["pushed"], queryFn: isPushed });
  const [denied, setDenied] = useState(false);
  const change = useMutation({
    mutationFn: async (on: boolean) => {
      if (on && key) setDenied(!(await pushHere(key)));
      else await pushNoMore();
    },
    onSettled: () => cache.invalidateQueries({ queryKey: ["pushed"] }),
  });
  if (!key || !pushWorks) return <p className="soft">{t(words.push_none)}</p>;
  return (
    <>
      {denied ? <Notice kind="warn"><p>{t(words.push_denied)}</p></Notice> : null}
      {change.error ? <ErrorBox error={change.error} /> : null}
      {pushed ? <p role="status">{t(words.push_here)}</p> : null}
      <Button onClick={() => change.mutate(!pushed)} busy={change.isPending} testid="push">
        {t(pushed ? words.push_off : words.push_on)}
      </Button>
    </>
  );
}

export default function MePage() {
  const t = useSay();
  const me = useMe();
  const { leave } = useSession();
  const audible = useAudible();
  const [wantsSound, setWantsSound] = useState(recall("sound") === "on");
  useEffect(() => setWantsSound(audible || recall("sound") === "on"), [audible]);
  const leaving = useMutation({ mutationFn: leave });
  return (
    <Page title={t(words.title)}>
      <div className="columns">
        <div className="stack">
          <section className="panel stack" aria-labelledby="looks">
            <h2 id="looks">{t(words.looks)}</h2>
            <Look setting="theme" label={words.theme} choices={{ system: words.system, light: words.light, dark: words.dark }} />
            <Look setting="text" label={words.text} choices={{ system: words.normal, large: words.large, largest: words.largest }} />
          </section>
          <section className="panel stack" aria-labelledby="notices">
            <h2 id="notices">{t(words.notices)}</h2>
            <Check label={t(words.sound)} checked={wantsSound} onTick={(on) => void (on ? soundOn() : soundOff())} />
            <Notice><p>{t(words.push_never_alone)}</p></Notice>
            <Push />
          </section>
        </div>
        <div className="stack">
          <section className="panel stack" aria-label={t(words.who, { name: me.name })}>
            <p>{me.account ? t(words.who, { name: me.name }) : t(words.no_account)}</p>
            {leaving.error ? <ErrorBox error={leaving.error} /> : null}
            {me.account ? <Button onClick={() => leaving.mutate()} busy={leaving.isPending} testid="leave">{t(words.leave)}</Button> : null}
          </section>
          {me.account ? <><Keys /><Calendars /><Places /></> : null}
        </div>
      </div>
    </Page>
  );
}
