// What areas, services, providers and owners are called: asked for once, and a code that has no name says itself.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, got } from "../api";
import { useMe } from "../session";
import { chain } from "../words/chain";
import { say, type Word } from "../words/word";
import type { Area, City, Provider, Service } from "./shapes";

const MOST = 200;
const KEPT_MS = 10 * 60_000;

/** Every page of a list, one after another. */
export async function all<Row>(page: (offset: number, limit: number) => Promise<Row[]>): Promise<Row[]> {
  const found: Row[] = [];
  for (;;) {
    const next = await page(found.length, MOST);
    found.push(...next);
    if (next.length < MOST) return found;
  }
}

const bare = (code: string): Word => ({ ko: code, en: code });

export function cityOf(area: string): string {
  return area.split("/", 1)[0] ?? "";
}

/** The gu of an area: its first two steps. */
export function guOf(area: string): string {
  return area.split("/").slice(0, 2).join("/");
}

export const isDong = (area: string): boolean => area.split("/").length === 3;

/** The cities that are loaded and are this account's. */
export function useCities(): City[] | undefined {
  const me = useMe();
  const { data } = useQuery({
    queryKey: ["care", "cities"],
    queryFn: () => all((offset, limit) => got(api.GET("/api/care/cities", { params: { query: { offset, limit } } }))),
    staleTime: KEPT_MS,
  });
  const mine = me.areas.map((area) => cityOf(area.code));
  return data?.filter((city) => mine.length === 0 || mine.includes("") || mine.includes(city.city));
}

/** The areas that have a name, within what this account reaches. */
export function useAreas(): { areas: Area[]; all: Area[] } {
  const me = useMe();
  const { data = [] } = useQuery({
    queryKey: ["care", "areas"],
    queryFn: () => all((offset, limit) => got(api.GET("/api/care/areas", { params: { query: { offset, limit } } }))),
    staleTime: KEPT_MS,
  });
  return useMemo(() => {
    const within = (code: string) =>
      me.areas.length === 0 || me.areas.some((mine) => mine.code === "" || code === mine.code || code.startsWith(`${mine.code}/`));
    return { areas: data.filter((area) => within(area.code)), all: data };
  }, [data, me.areas]);
}

/** What a city offers. */
export function useServices(city: string): Service[] {
  const { data = [] } = useQuery({
    queryKey: ["care", "services", city],
    queryFn: () => all((offset, limit) => got(api.GET("/api/care/services", { params: { query: { city, offset, limit } } }))),
    staleTime: KEPT_MS,
    enabled: city !== "",
  });
  return data;
}

/** Who delivers in a city. */
export function useProviders(city: string): Provider[] {
  const { data = [] } = useQuery({
    queryKey: ["care", "providers", city],
    queryFn: () => all((offset, limit) => got(api.GET("/api/care/providers", { params: { query: { city, offset, limit } } }))),
    staleTime: KEPT_MS,
    enabled: city !== "",
  });
  return data;
}

export interface Names {
  area: (code: string) => Word;
  service: (code: string) => Word;
  provider: (id: string) => Word;
  /** `office:AREA`, `provider:ID` or a member, whose name is `called` where it is known. */
  owner: (id: string, called?: string | null) => Word;
}

/** The names of one city; without a city, of areas alone. */
export function useNames(city = ""): Names {
  const me = useMe();
  const { all: areas } = useAreas();
  const services = useServices(city);
  const providers = useProviders(city);
  return useMemo(() => {
    const named = new Map(areas.map((area) => [area.code, area.name]));
    const offered = new Map(services.map((service) => [service.code, service.name]));
    const known = new Map(providers.map((provider) => [provider.id, provider.name]));
    const area = (code: string) => named.get(code) ?? bare(code);
    const provider = (id: string) => known.get(id) ?? bare(id);
    const owner = (id: string, called?: string | null): Word => {
      const [kind, whose = ""] = id.split(/:(.*)/s);
      if (kind === "office") {
        const name = area(whose);
        return { ko: say("ko", chain.office, { area: name.ko }), en: say("en", chain.office, { area: name.en }) };
      }
      if (kind === "provider") return provider(whose);
      if (id === me.member) return { ko: say("ko", chain.myself, { name: me.name }), en: say("en", chain.myself, { name: me.name }) };
      return bare(called ?? id);
    };
    return { area, provider, owner, service: (code) => offered.get(code) ?? bare(code) };
  }, [areas, services, providers, me.member, me.name]);
}
