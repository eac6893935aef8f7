// What is seen when a page of ours fails: a sentence and a way on, never a white screen.
import { Component, type ReactNode } from "react";
import { useSay } from "./language";
import { Button } from "./ui";
import { faults } from "./words/faults";

function Sorry() {
  const t = useSay();
  return (
    <main id="content" className="narrow">
      <h1 role="alert">{t(faults.broken)}</h1>
      <Button kind="first" onClick={() => location.reload()}>{t(faults.reload)}</Button>
    </main>
  );
}

export class Broken extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    return this.state.broken ? <Sorry /> : this.props.children;
  }
}
