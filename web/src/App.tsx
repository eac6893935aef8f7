// The frame around every page: the menu of what one may open, the clock, the word that news has stopped, and the pages.
import { useQueryClient } from "@tanstack/react-query";
import { Suspense, useEffect, useRef, useState, type ReactNode } from "react";
import { Link, Redirect, Route, Switch, useLocation, useSearchParams } from "wouter";
import { LanguageSwitch } from "./LanguageSwitch";
import { useLanguage, useSay } from "./language";
import { StaleBanner } from "./live/StaleBanner";
import { Unsent } from "./offline/Unsent";
import { opens, PAGES } from "./pages";
import LoginPage from "./pages/LoginPage";
import { useSession } from "./session";
import { clockTime, useNow } from "./time";
import { Busy, ButtonLink, Empty, ErrorBox, Page } from "./ui";
import { Toasts } from "./ui/toast";
import { common } from "./words/common";
import { faults } from "./words/faults";

function Clock() {
  const t = useSay();
  const { language } = useLanguage();
  const now = useNow();
  return (
    <time className="clock" role="timer" aria-label={t(common.clock)} dateTime={new Date(now).toISOString()}>
      {clockTime(now, language)}
    </time>
  );
}

function Menu() {
  const t = useSay();
  const { can } = useSession();
  const [path] = useLocation();
  const open = PAGES.filter((place) => place.word && place.path !== "/me" && opens(place, can));
  const nav = useRef<HTMLElement>(null);
  const [more, setMore] = useState(false);
  useEffect(() => {
    // On a phone the menu is longer than the screen: where one is stands in its middle.
    const strip = nav.current;
    const tab = strip?.querySelector<HTMLElement>("[aria-current]");
    if (strip && tab) strip.scrollLeft += tab.getBoundingClientRect().left - strip.getBoundingClientRect().left - (strip.clientWidth - tab.offsetWidth) / 2;
  }, [path]);
  const here = (at: string) => (at === "/" ? path === "/" || path.startsWith("/cases/") : path.startsWith(at));
  return (
    <nav
      className={more ? "rooms before" : "rooms"}
      aria-label={t(common.rooms)}
      ref={nav}
      onScroll={(event) => setMore(event.currentTarget.scrollLeft > 8)}
    >
      {open.map((place) =>
        place.word ? (
          <Link key={place.path} href={place.path} aria-current={here(place.path) ? "page" : undefined}>
            {t(place.word)}
          </Link>
        ) : null,
      )}
    </nav>
  );
}

/** The way to log out stays beside the menu: nobody has to draw along all of it first. */
function Mine() {
  const t = useSay();
  const [path] = useLocation();
  return <Link className="mine" href="/me" aria-current={path.startsWith("/me") ? "page" : undefined}>{t(common.me)}</Link>;
}

function Frame({ children }: { children: ReactNode }) {
  const t = useSay();
  const { can } = useSession();
  const out = can("visit.write") || can("record.write");
  return (
    <div className="frame">
      <a className="skip" href="#content">{t(common.skip)}</a>
      <StaleBanner />
      <header className="top">
        <div className="top-line">
          <Link className="mark" href="/">{t(common.anbu)}</Link>
          <Clock />
          <LanguageSwitch />
          <Mine />
          <Menu />
        </div>
      </header>
      {out ? <Unsent /> : null}
      {children}
      <Toasts />
    </div>
  );
}

function Missing() {
  const t = useSay();
  return (
    <Page title={t(common.missing)}>
      <Empty>{t(common.missing)}</Empty>
      <ButtonLink to="/">{t(common.home)}</ButtonLink>
    </Page>
  );
}

function Forbidden() {
  const t = useSay();
  return (
    <Page title={t(faults.forbidden)}>
      <Empty>{t(faults.forbidden)}</Empty>
    </Page>
  );
}

/** The first page that somebody may open, where `/` is not for them. */
function First() {
  const { can } = useSession();
  const place = PAGES.find((one) => one.permission !== null && one.word && opens(one, can));
  return <Redirect to={place?.path ?? "/me"} replace />;
}

function LogIn() {
  const [path] = useLocation();
  const [search] = useSearchParams();
  // From "/me" somebody has just logged out: the next one begins where they do.
  const next = path === "/me" || (path === "/" && search.size === 0) ? "" : `?next=${encodeURIComponent(path + location.search)}`;
  return <Redirect to={`/login${next}`} replace />;
}

function Inside() {
  const { can } = useSession();
  return (
    <Frame>
      <Suspense fallback={<main id="content"><Busy /></main>}>
        <Switch>
          <Route path={/^\/(cases|episodes|claims)\/(?![1-9]\d*$)/}>
            <Missing />
          </Route>
          {PAGES.map((place) => (
            <Route key={place.path} path={place.path}>
              {opens(place, can) ? <place.page /> : place.path === "/" ? <First /> : <Forbidden />}
            </Route>
          ))}
          <Route>
            <Missing />
          </Route>
        </Switch>
      </Suspense>
    </Frame>
  );
}

export function App() {
  const { me, fault } = useSession();
  const cache = useQueryClient();
  return (
    <Switch>
      <Route path="/login">
        <LoginPage />
      </Route>
      <Route>
        {me ? <Inside /> : me === null ? <LogIn /> : (
          <main id="content">{fault ? <ErrorBox error={fault} onAgain={() => void cache.refetchQueries({ queryKey: ["session"] })} /> : <Busy />}</main>
        )}
      </Route>
    </Switch>
  );
}
