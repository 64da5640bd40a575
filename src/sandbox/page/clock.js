// The clock in the top bar: the sandbox's time, and the way to move it forward.
import { advanceClock } from "./api.js";
import { busyWhile, format, popover, refreshTimes, sandboxNow } from "./dom.js";

export class Clock {
  constructor(root, refresh) {
    this.root = root;
    this.refresh = refresh;
    this.time = root.querySelector("[data-clock-time]");
    this.offset = root.querySelector("[data-clock-offset]");
    this.problem = root.querySelector("[data-clock-problem]");
    const showMenu = popover(root.querySelector("[data-clock-more]"), root.querySelector("[data-clock-menu]"));
    for (const button of root.querySelectorAll("[data-clock-plus]")) {
      button.addEventListener("click", () => {
        busyWhile(button, () => this.advance(Number(button.dataset.clockPlus))).then(() => showMenu(false));
      });
    }
    this.tick();
    setInterval(() => this.tick(), 1000);
  }

  async advance(minutes) {
    try {
      await advanceClock(minutes);
      this.problem.hidden = true;
    } catch (error) {
      this.problem.textContent = error.message;
      this.problem.hidden = false;
    }
    await this.refresh();
  }

  update(offsetMinutes) {
    const hours = Math.floor(offsetMinutes / 60);
    const minutes = offsetMinutes % 60;
    const words = [hours && `${hours} h`, minutes && `${minutes} min`].filter(Boolean).join(" ");
    this.offset.textContent = words ? `${words} ahead` : "real time";
    this.tick();
  }

  tick() {
    const now = sandboxNow();
    this.time.textContent = format.seconds(now);
    this.time.title = format.full(now);
    refreshTimes();
  }
}
