// A provider's worker: what is to be done today, with or without reception, and the orders that wait for an answer.
import { useState } from "react";
import { type DayTask, useDayTasks } from "../field/day";
import { Orders, useOrders } from "../field/Orders";
import { Copy } from "../field/parts";
import { written } from "../field/record";
import { TaskCard } from "../field/TaskCard";
import { useSay } from "../language";
import { useTrouble } from "../live/trouble";
import { useDesk } from "../offline/useDesk";
import "../style/field.css";
import { isoDay, useNow } from "../time";
import { Busy, Empty, Page, Tabs } from "../ui";
import { field as words } from "../words/field";
import { going } from "../words/going";

type View = "today" | "later" | "done" | "offered" | "accepted";
const VIEWS: View[] = ["today", "offered", "accepted", "later", "done"];

export default function TasksPage() {
  const t = useSay();
  const now = useNow(30_000);
  const asked = useDayTasks();
  const { data, refetch } = asked;
  const { error } = useTrouble(asked);
  const { pieces } = useDesk();
  const offered = useOrders("offered");
  const [chosen, choose] = useState<View>("today");
  const lists: Record<"today" | "later" | "done", DayTask[]> = { today: [], later: [], done: [] };
  for (const task of data?.value.tasks ?? []) {
    const at = written(pieces, task.id);
    // What is not sent yet stays in sight.
    if (at.draft || at.refused || at.waiting) lists.today.push(task);
    else if (task.state !== "assigned") lists.done.push(task);
    else lists[isoDay(task.planned_at) <= isoDay(now) ? "today" : "later"].push(task);
  }
  const labels = { today: words.task_today, later: words.task_later, done: words.task_done, offered: words.offered, accepted: words.accepted };
  const nones = { today: words.none_tasks, later: words.none_tasks_later, done: words.none_tasks_done };
  const count = (view: View) => (view === "offered" ? offered.data?.length : view === "today" || view === "later" ? lists[view].length : 0) || "";
  return (
    <Page title={t(going.tasks)}>
      <Tabs
        label={t(words.task_views)}
        chosen={chosen}
        onChoose={(key) => choose(key as View)}
        tabs={VIEWS.map((key) => ({ key, label: `${t(labels[key])} ${count(key)}`.trim() }))}
      >
        {chosen === "offered" || chosen === "accepted" ? <Orders state={chosen} /> : (
          <>
            <Copy kept={data?.kept} error={data ? null : error} onAgain={() => void refetch({ cancelRefetch: false })} />
            {data ? (
              lists[chosen].length ? (
                <div className="cards">{lists[chosen].map((task) => <TaskCard key={task.id} task={task} />)}</div>
              ) : <Empty>{t(nones[chosen])}</Empty>
            ) : error ? null : <Busy />}
          </>
        )}
      </Tabs>
    </Page>
  );
}
