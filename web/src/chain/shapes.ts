// What the care chain's routes bring, by short names.
import type { components } from "../schema";

type Out = components["schemas"];

export type Area = Out["AreaOut"];
export type City = Out["CityOut"];
export type Service = Out["api__catalogue__ServiceOut"];
export type Provider = Out["ProviderOut"];
export type Episode = Out["EpisodeOut"];
export type EpisodeDetail = Out["EpisodeDetail"];
export type Person = Out["PersonOut"];
export type PersonDetail = Out["PersonDetail"];
export type Fact = Out["FactOut"];
export type FactField = Out["FieldOut"];
export type Instrument = Out["InstrumentOut"];
export type Assessment = Out["AssessmentOut"];
export type Plan = Out["PlanOut"];
export type Plans = Out["Plans"];
export type Order = Out["OrderOut"];
export type Ordered = Out["api__work__ServiceOut"];
export type Unplaced = Out["UnplacedOut"];
export type Evaluations = Out["Evaluations"];
export type FollowUp = Out["api__evaluations__FollowUpOut"];
export type Due = Out["DueOut"];
export type Claim = Out["ClaimOut"];
export type ClaimDetail = Out["ClaimWithItems"];
export type ClaimLine = Out["LineOut"];
export type Budget = Out["api__claims__BudgetOut"];
export type Ledger = Out["LedgerOut"];
export type Report = Out["ReportOut"];
export type Rules = Out["RulesOut"];
export type Line = Out["Line"];
export type Consent = Out["ConsentOut"];
export type Stage = Out["Stage"];
