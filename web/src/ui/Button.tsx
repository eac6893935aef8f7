// Everything that is pressed: at least 48 px, and never pressed twice while it works.
import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Link } from "wouter";

type Kind = "first" | "danger" | "quiet" | "big";

interface Props extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled" | "className"> {
  kind?: Kind | Kind[];
  /** It is at work: it keeps its focus and does nothing more. */
  busy?: boolean;
  /** Why it cannot be pressed is said beside it. */
  off?: boolean;
  testid?: string;
  children: ReactNode;
}

function classes(kind: Kind | Kind[] | undefined): string {
  return ["button", ...(Array.isArray(kind) ? kind : kind ? [kind] : [])].join(" ");
}

export function Button({ kind, busy = false, off = false, testid, type = "button", onClick, ...rest }: Props) {
  const still = busy || off;
  return (
    <button
      {...rest}
      type={type}
      className={classes(kind)}
      aria-disabled={still || undefined}
      aria-busy={busy || undefined}
      data-testid={testid}
      onClick={(event) => {
        if (still) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}

/** A link that looks like a button. */
export function ButtonLink({ to, kind, testid, children }: { to: string; kind?: Kind | Kind[]; testid?: string; children: ReactNode }) {
  return (
    <Link href={to} className={classes(kind)} data-testid={testid}>
      {children}
    </Link>
  );
}
