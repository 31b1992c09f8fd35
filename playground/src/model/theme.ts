// Light or dark: as the system has it, until the user says otherwise.

import { computed, effect, signal } from "@preact/signals";

export type Theme = "light" | "dark";

const KEY = "nablanet-playground-theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const systemTheme = signal<Theme>(system.matches ? "dark" : "light");
system.addEventListener("change", ({ matches }) => {
  systemTheme.value = matches ? "dark" : "light";
});

/** Pages may be forbidden to store anything. */
function stored(): Theme | undefined {
  try {
    const text = localStorage.getItem(KEY);
    return text === "light" || text === "dark" ? text : undefined;
  } catch {
    return undefined;
  }
}

const told = signal<Theme | undefined>(stored());

export const theme = computed<Theme>(() => told.value ?? systemTheme.value);

effect(() => {
  document.documentElement.dataset.theme = theme.value;
});

export function toggleTheme(): void {
  told.value = theme.value === "dark" ? "light" : "dark";
  try {
    localStorage.setItem(KEY, told.value);
  } catch {
    // it lasts as long as the page then
  }
}
