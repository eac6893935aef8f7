// What the codes in a report's cells are called.
import { useSay } from "../language";
import { firstService, reportCodes } from "../words/chain_office";
import { claimStates, priorities } from "../words/chain_codes";
import { values } from "../words/chain_people";
import { named, urgencies } from "../words/city";
import { useNames } from "./names";
import type { Report } from "./shapes";

type Cell = string | number | null | undefined;

/** `codes(column, cell, row)`: the cell in words; a code that nobody knows says itself. */
export function useCodes(city: string): (column: string, cell: Cell, row: Report["rows"][number]) => string {
  const t = useSay();
  const names = useNames(city);
  return (column, cell, row) => {
    if (cell === null || cell === undefined || cell === "") return "";
    if (typeof cell === "number") return String(cell);
    if (cell === "all") return t(named(reportCodes, cell));
    switch (column) {
      case "service":
        return t(names.service(cell));
      case "provider":
        return t(names.provider(cell));
      case "owner":
        return t(names.owner(cell));
      case "priority":
        return t(named(priorities, cell));
      case "urgency":
        return t(named(urgencies, cell));
      case "step":
        return cell === "service" ? t(firstService) : t(named(reportCodes, cell));
      case "group": {
        const part = String(row["part"]);
        if (part === "gu") return t(names.area(cell));
        if (part === "committed") return t(named(claimStates, cell));
        return cell === "unknown" ? t(named(reportCodes, cell)) : t(named(values[part] ?? {}, cell));
      }
      default:
        return t(named(reportCodes, cell));
    }
  };
}
