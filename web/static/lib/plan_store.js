// What the map keeps in this browser: the plan's picture and where it lies, and calibrations being made.

const DATABASE = "map";
const SHELF = "things";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.addEventListener("upgradeneeded", () => request.result.createObjectStore(SHELF));
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
}

async function act(mode, what) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const request = what(database.transaction(SHELF, mode).objectStore(SHELF));
      request.addEventListener("success", () => resolve(request.result));
      request.addEventListener("error", () => reject(request.error));
    });
  } finally {
    database.close();
  }
}

/** The plan: `{blob, width_m, left_m, bottom_m}`, or undefined. */
export const readPlan = () => act("readonly", (shelf) => shelf.get("plan"));
export const keepPlan = (plan) => act("readwrite", (shelf) => shelf.put(plan, "plan"));
export const dropPlan = () => act("readwrite", (shelf) => shelf.delete("plan"));

/** Calibrations made here: camera → `{floor_to_image}`. */
export const readCalibrations = async () => (await act("readonly", (shelf) => shelf.get("calibrations"))) ?? {};
export const keepCalibrations = (cameras) => act("readwrite", (shelf) => shelf.put(cameras, "calibrations"));
