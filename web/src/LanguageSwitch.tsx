// Korean or English, from any page.
import { useLanguage, useSay } from "./language";
import { Button } from "./ui/Button";
import { common } from "./words/common";

export function LanguageSwitch() {
  const t = useSay();
  const { language, speak } = useLanguage();
  const other = language === "ko" ? "en" : "ko";
  return (
    <Button kind="quiet" lang={other} testid="language" onClick={() => speak(other)}>
      {t(common.other_language)}
    </Button>
  );
}
