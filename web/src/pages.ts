// Every page of the console: where it is, who may open it, what it is called in the menu, and the file it comes in.
import { lazy, type ComponentType, type LazyExoticComponent } from "react";
import BoardPage from "./pages/BoardPage";
import { common } from "./words/common";
import { rooms } from "./words/rooms";
import { going } from "./words/going";
import type { Word } from "./words/word";

export interface Place {
  path: string;
  /** What one must be allowed to do, or one of these things; null: everybody who is logged in. */
  permission: string | readonly string[] | null;
  /** Its name in the menu; null: it is reached from another page. */
  word: Word | null;
  /** The board comes with the console itself: nobody in a hurry waits for one more file. */
  page: ComponentType | LazyExoticComponent<ComponentType>;
}

/** In the menu's order. The first that somebody may open is where they begin. */
export const PAGES: Place[] = [
  { path: "/", permission: "case.read", word: common.board, page: BoardPage },
  { path: "/cases/:id", permission: "case.read", word: null, page: lazy(() => import("./pages/CasePage")) },
  { path: "/homes", permission: "home.read", word: rooms.homes, page: lazy(() => import("./pages/HomesPage")) },
  { path: "/homes/:id", permission: "home.read", word: null, page: lazy(() => import("./pages/HomePage")) },
  { path: "/unheard", permission: "unheard.read", word: null, page: lazy(() => import("./pages/UnheardPage")) },
  { path: "/rota", permission: "rota.read", word: rooms.rota, page: lazy(() => import("./pages/RotaPage")) },
  { path: "/accounts", permission: "account.read", word: rooms.accounts, page: lazy(() => import("./pages/AccountsPage")) },
  { path: "/accounts/:id", permission: "account.read", word: null, page: lazy(() => import("./pages/AccountPage")) },
  { path: "/intake", permission: "application.write", word: rooms.intake, page: lazy(() => import("./pages/IntakePage")) },
  { path: "/episodes", permission: "episode.read", word: rooms.episodes, page: lazy(() => import("./pages/EpisodesPage")) },
  { path: "/episodes/:id", permission: "episode.read", word: null, page: lazy(() => import("./pages/EpisodePage")) },
  { path: "/persons/:id", permission: "person.read", word: null, page: lazy(() => import("./pages/PersonPage")) },
  { path: "/orders", permission: "order.place", word: rooms.orders, page: lazy(() => import("./pages/OrdersPage")) },
  { path: "/evaluations", permission: "evaluation.read", word: rooms.evaluations, page: lazy(() => import("./pages/EvaluationsPage")) },
  { path: "/claims", permission: "claim.read", word: rooms.claims, page: lazy(() => import("./pages/ClaimsPage")) },
  { path: "/claims/:id", permission: "claim.read", word: null, page: lazy(() => import("./pages/ClaimPage")) },
  { path: "/budget", permission: "budget.read", word: rooms.budget, page: lazy(() => import("./pages/BudgetPage")) },
  { path: "/reports", permission: "report.read", word: rooms.reports, page: lazy(() => import("./pages/ReportsPage")) },
  { path: "/catalogue", permission: "catalogue.read", word: rooms.catalogue, page: lazy(() => import("./pages/CataloguePage")) },
  { path: "/grants", permission: ["grant.ask", "grant.read"], word: rooms.grants, page: lazy(() => import("./pages/GrantsPage")) },
  { path: "/audit", permission: "audit.read", word: rooms.audit, page: lazy(() => import("./pages/AuditPage")) },
  { path: "/devices", permission: "device.read", word: rooms.devices, page: lazy(() => import("./pages/DevicesPage")) },
  { path: "/gateways", permission: "gateway.read", word: rooms.gateways, page: lazy(() => import("./pages/GatewaysPage")) },
  { path: "/lanes", permission: "gateway.read", word: rooms.lanes, page: lazy(() => import("./pages/LanesPage")) },
  { path: "/simulations", permission: "simulation.run", word: rooms.simulations, page: lazy(() => import("./pages/SimulationsPage")) },
  { path: "/visits", permission: "visit.read", word: going.visits, page: lazy(() => import("./pages/VisitsPage")) },
  { path: "/visits/:id", permission: "visit.read", word: null, page: lazy(() => import("./pages/VisitPage")) },
  { path: "/tasks", permission: "record.write", word: going.tasks, page: lazy(() => import("./pages/TasksPage")) },
  { path: "/me", permission: null, word: common.me, page: lazy(() => import("./pages/MePage")) },
];

/** Whether somebody who `can` do this and that may open a page. */
export function opens({ permission }: Place, can: (permission: string) => boolean): boolean {
  return permission === null || (typeof permission === "string" ? can(permission) : permission.some(can));
}
