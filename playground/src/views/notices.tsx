// What the user is to know, each to be dismissed.

import { notices } from "../model/store.js";

export function Notices() {
  return (
    <div class="notices" role="status" data-testid="notices">
      {notices.value.map((notice) => (
        <p key={notice}>
          {notice}{" "}
          <button
            type="button"
            class="quiet"
            aria-label="Dismiss"
            onClick={() => {
              notices.value = notices.value.filter((each) => each !== notice);
            }}
          >
            ×
          </button>
        </p>
      ))}
    </div>
  );
}
