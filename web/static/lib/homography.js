// The homography from the floor to a picture, fitted to pairs of points.

/**
 * By the direct linear transform on normalised points, least squares (R. Hartley, A. Zisserman, "Multiple View Geometry",
 * 2004, algorithm 4.2).
 *
 * @param {{floor: [number, number], pixel: [number, number]}[]} pairs four or more, no three of the first four in a line
 * @returns {number[][] | null} 3 by 3, takes (x_m, y_m, 1) to (u w, v w, w); null where the points do not tell
 */
export function fitHomography(pairs) {
  if (pairs.length < 4) return null;
  const floor = normalised(pairs.map((pair) => pair.floor));
  const pixel = normalised(pairs.map((pair) => pair.pixel));
  if (!floor || !pixel) return null;
  const normal = Array.from({ length: 8 }, () => new Array(9).fill(0));
  pairs.forEach((_, index) => {
    const [[x, y], [u, v]] = [floor.points[index], pixel.points[index]];
    addSquare(normal, [x, y, 1, 0, 0, 0, -u * x, -u * y, u]);
    addSquare(normal, [0, 0, 0, x, y, 1, -v * x, -v * y, v]);
  });
  const h = solved(normal);
  if (!h) return null;
  const between = [[h[0], h[1], h[2]], [h[3], h[4], h[5]], [h[6], h[7], 1]];
  const whole = times(times(pixel.back, between), floor.to);
  return whole.flat().every(Number.isFinite) ? whole : null;
}

/** A point through a homography; null behind the camera, where the sign differs from that of `like`. */
export function project(matrix, [x, y]) {
  const [u, v, w] = matrix.map((row) => row[0] * x + row[1] * y + row[2]);
  return Math.abs(w) < 1e-12 ? null : [u / w, v / w, w];
}

/** The inverse of a 3 by 3 matrix; null where there is none. */
export function inverted([[a, b, c], [d, e, f], [g, i, j]]) {
  const cofactors = [[e * j - f * i, c * i - b * j, b * f - c * e], [f * g - d * j, a * j - c * g, c * d - a * f], [d * i - e * g, b * g - a * i, a * e - b * d]];
  const determinant = a * cofactors[0][0] + b * cofactors[1][0] + c * cofactors[2][0];
  return Math.abs(determinant) < 1e-12 ? null : cofactors.map((row) => row.map((value) => value / determinant));
}

const times = (left, right) => left.map((row) => [0, 1, 2].map((column) => row.reduce((sum, value, index) => sum + value * right[index][column], 0)));

/** Points moved to their middle and scaled to a mean distance of √2, and the way there and back. */
function normalised(points) {
  const [mx, my] = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  const spread = points.reduce((sum, [x, y]) => sum + Math.hypot(x - mx, y - my), 0) / points.length;
  if (!(spread > 1e-9)) return null;
  const scale = Math.SQRT2 / spread;
  return {
    points: points.map(([x, y]) => [(x - mx) * scale, (y - my) * scale]),
    to: [[scale, 0, -mx * scale], [0, scale, -my * scale], [0, 0, 1]],
    back: [[1 / scale, 0, mx], [0, 1 / scale, my], [0, 0, 1]],
  };
}

/** Adds one equation to the normal equations. */
function addSquare(normal, row) {
  for (let i = 0; i < 8; i += 1) for (let j = 0; j < 9; j += 1) normal[i][j] += row[i] * row[j];
}

/** Gauss with pivots; null where the equations do not tell. */
function solved(rows) {
  for (let column = 0; column < 8; column += 1) {
    let pivot = column;
    for (let row = column + 1; row < 8; row += 1) if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) pivot = row;
    if (Math.abs(rows[pivot][column]) < 1e-10) return null;
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let row = 0; row < 8; row += 1) {
      if (row === column) continue;
      const factor = rows[row][column] / rows[column][column];
      for (let index = column; index < 9; index += 1) rows[row][index] -= factor * rows[column][index];
    }
  }
  return rows.map((row, index) => row[8] / row[index]);
}
