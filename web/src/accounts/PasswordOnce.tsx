// A password that is shown this once; whoever closes it says that they have noted it.
import { useState } from "react";
import { useSay } from "../language";
import { Button, Dialog, Notice } from "../ui";
import { accounts as words } from "../words/accounts";

export function PasswordOnce({ name, login, password, onClose }: { name: string; login: string; password: string; onClose: () => void }) {
  const t = useSay();
  const [copied, setCopied] = useState(false);
  return (
    <Dialog
      title={t(words.password_title, { name })}
      onClose={onClose}
      testid="password-once"
      ends={
        <>
          <Button onClick={() => void navigator.clipboard?.writeText(password).then(() => setCopied(true), () => setCopied(false))}>{t(words.copy)}</Button>
          <Button kind="first" onClick={onClose}>{t(words.noted)}</Button>
        </>
      }
    >
      <Notice kind="warn"><p>{t(words.password_once)}</p></Notice>
      <dl><dt>{t(words.login)}</dt><dd>{login}</dd></dl>
      <p className="secret" data-testid="secret">{password}</p>
      <p role="status">{copied ? t(words.copied) : ""}</p>
    </Dialog>
  );
}
