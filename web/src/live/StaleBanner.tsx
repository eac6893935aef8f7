// Says that news has stopped, and since when; whoever looks must not take yesterday's board for a calm night.
import { useLanguage, useSay } from "../language";
import { cityNow, clockTime } from "../time";
import { Button } from "../ui/Button";
import { live as words } from "../words/live";
import { useLive, useLiveState } from "./LiveProvider";

export function StaleBanner() {
  const t = useSay();
  const { language } = useLanguage();
  const live = useLive();
  const { stale } = useLiveState();
  return (
    <div role="alert">
      {stale === null ? null : (
        <p className="stale" data-testid="stale">
          <span>{t(words.stale, { at: clockTime(cityNow(stale), language) })}</span>
          <Button onClick={live.retry}>{t(words.retry)}</Button>
        </p>
      )}
    </div>
  );
}
