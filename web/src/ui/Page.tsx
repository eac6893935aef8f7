// A page: its title in the window, its heading focused when one comes to it.
import { useEffect, useRef, type ReactNode } from "react";
import { useSay } from "../language";
import { common } from "../words/common";

interface Props {
  title: string;
  /** Instead of the title in the window's own. */
  windowTitle?: string;
  /** Beside the heading. */
  aside?: ReactNode;
  narrow?: boolean;
  children: ReactNode;
}

export function Page({ title, windowTitle, aside, narrow = false, children }: Props) {
  const t = useSay();
  const head = useRef<HTMLHeadingElement>(null);
  const name = t(common.anbu);
  useEffect(() => {
    document.title = `${windowTitle ?? title} · ${name}`;
  }, [title, windowTitle, name]);
  useEffect(() => head.current?.focus({ preventScroll: true }), []);
  return (
    <main id="content" className={narrow ? "narrow" : undefined}>
      <div className="page-head">
        <h1 ref={head} tabIndex={-1}>{title}</h1>
        {aside}
      </div>
      {children}
    </main>
  );
}
