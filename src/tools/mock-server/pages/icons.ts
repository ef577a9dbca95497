import { Html } from "./html";

const icon = (paths: string) =>
  new Html(
    `<svg class="icon" viewBox="0 0 48 48" width="56" height="56" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="24" cy="24" r="21"/>${paths}</svg>`,
  );

/** A picture for each way in which a receipt can stand. */
export const icons = {
  paid: icon('<path d="m14 25 7 7 13-15"/>'),
  held: icon('<rect x="15" y="22" width="18" height="12" rx="2"/><path d="M18 22v-4a6 6 0 0 1 12 0v4"/>'),
  pending: icon('<path d="M24 12v12l8 5"/>'),
  cancelled: icon('<path d="m16 16 16 16m0-16L16 32"/>'),
} as const;
