//! Matrices and rectangles. y grows downwards once a page's own matrix has been applied.

/// Nothing on a page is farther away than this.
pub(super) const FAR: f32 = 30_000.0;

/// `[a b c d e f]` as PDF writes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Matrix(pub [f32; 6]);

impl Default for Matrix {
    fn default() -> Matrix {
        Matrix([1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    }
}

impl Matrix {
    pub fn of(values: &[f32]) -> Option<Matrix> {
        values.try_into().ok().map(Matrix)
    }

    /// This one first, then the other.
    pub fn then(&self, other: &Matrix) -> Matrix {
        let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (self.0, other.0);
        Matrix([a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + l])
    }

    pub fn apply(&self, x: f32, y: f32) -> (f32, f32) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }
}

/// A rectangle with `x0 <= x1` and `y0 <= y1`; y0 is its upper side.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Rect {
    pub x0: f32,
    pub y0: f32,
    pub x1: f32,
    pub y1: f32,
}

impl Rect {
    /// The frame of points, where all are finite.
    pub fn around(points: &[(f32, f32)]) -> Option<Rect> {
        let &(x, y) = points.first()?;
        let mut rect = Rect { x0: x, y0: y, x1: x, y1: y };
        for &(x, y) in points {
            if !x.is_finite() || !y.is_finite() || x.abs() > FAR || y.abs() > FAR {
                return None;
            }
            rect = Rect { x0: rect.x0.min(x), y0: rect.y0.min(y), x1: rect.x1.max(x), y1: rect.y1.max(y) };
        }
        Some(rect)
    }

    /// The frame of a rectangle given by two corners and moved by a matrix.
    pub fn moved(corners: &[f32], matrix: &Matrix) -> Option<Rect> {
        let &[x0, y0, x1, y1] = corners else { return None };
        Rect::around(&[matrix.apply(x0, y0), matrix.apply(x1, y0), matrix.apply(x0, y1), matrix.apply(x1, y1)])
    }

    pub fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    pub fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    pub fn middle(&self) -> (f32, f32) {
        ((self.x0 + self.x1) / 2.0, (self.y0 + self.y1) / 2.0)
    }

    pub fn holds(&self, x: f32, y: f32) -> bool {
        (self.x0..=self.x1).contains(&x) && (self.y0..=self.y1).contains(&y)
    }

    /// Wider on every side.
    pub fn grown(&self, by: f32) -> Rect {
        Rect { x0: self.x0 - by, y0: self.y0 - by, x1: self.x1 + by, y1: self.y1 + by }
    }

    pub fn covers(&self, other: &Rect) -> bool {
        self.x0 <= other.x0 && self.y0 <= other.y0 && self.x1 >= other.x1 && self.y1 >= other.y1
    }
}
