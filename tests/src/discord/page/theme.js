// Dark or light: the system's wish until the button says otherwise.

import { byId, fill, icon } from "./dom.js";

const system = matchMedia("(prefers-color-scheme: light)");

function chosen() {
  try {
    return localStorage.getItem("ceo:theme");
  } catch {
    return null;
  }
}

function apply() {
  const theme = chosen() ?? (system.matches ? "light" : "dark");
  document.documentElement.dataset.theme = theme;
  return theme;
}

export function startTheme() {
  const button = byId("theme");
  fill(button, icon("contrast"));
  apply();
  system.addEventListener("change", apply);
  button.addEventListener("click", () => {
    try {
      localStorage.setItem("ceo:theme", apply() === "dark" ? "light" : "dark");
    } catch {
      // blocked storage: the choice holds until the next reload
      document.documentElement.dataset.theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
      return;
    }
    apply();
  });
}
