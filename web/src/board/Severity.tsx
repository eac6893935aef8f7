// How urgent something is: by colour, by shape and by a word, so that none of the three is needed.
import { useSay } from "../language";
import { named, urgencies } from "../words/city";

const SHAPES: Record<string, string> = {
  immediate: "M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9z",
  urgent: "M12 1 23.5 22H.5z",
  soon: "M12 .5 23.5 12 12 23.5.5 12z",
  routine: "M12 1a11 11 0 1 0 0 22 11 11 0 0 0 0-22z",
  over: "M1 12l4-4 5 5L20 3l3 3.5L10 20z",
};

export function Severity({ urgency, over = false }: { urgency: string; over?: boolean }) {
  const t = useSay();
  const shown = over ? "over" : urgency;
  return (
    <span className={`severity ${shown}`} data-urgency={urgency}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={SHAPES[shown] ?? SHAPES["routine"]} />
      </svg>
      {t(named(urgencies, urgency))}
    </span>
  );
}
