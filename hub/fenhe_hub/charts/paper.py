"""A drawing in SVG, shape by shape. Whatever text goes in is escaped. Start at `Paper`."""

from dataclasses import dataclass, field

from markupsafe import Markup, escape

INK, SOFT, LINE, ACCENT, PALE, ALERT = (
    *("#1c2423", "#56615f", "#d5dbd9", "#0a5c57", "#dcecea", "#8c3b00"),
)
DASHES = ("", "7 4", "2 3", "9 3 2 3")
"""How the lines of several series differ, whatever their colour."""


@dataclass
class Paper:
    """`width` × `height` units; `key` names title and description within the page."""

    key: str
    title: str
    summary: str
    width: int
    height: int
    _shapes: list[Markup] = field(default_factory=list)

    def text(
        self,
        x: float,
        y: float,
        said: str,
        *,
        anchor: str = "start",
        size: int = 12,
        fill: str = SOFT,
        bold: bool = False,
    ) -> None:
        """One line of text, its base at `y`."""
        weight = Markup(' font-weight="650"') if bold else ""
        self._add(
            '<text x="{}" y="{}" text-anchor="{}" font-size="{}" fill="{}"{}>{}</text>',
            *(_at(x), _at(y), anchor, size, fill, weight, said),
        )

    def line(
        self, x1: float, y1: float, x2: float, y2: float, *, stroke: str = LINE, dash: str = ""
    ) -> None:
        """A straight line."""
        self._add(
            '<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}"{}/>',
            *(_at(x1), _at(y1), _at(x2), _at(y2), stroke, _dashed(dash)),
        )

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str,
        stroke: str = "none",
        said: str = "",
    ) -> None:
        """A box; `said` is shown where a pointer rests on it."""
        told = Markup("<title>{}</title>").format(said) if said else ""
        self._add(
            '<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}">{}</rect>',
            *(_at(x), _at(y), _at(max(width, 0)), _at(max(height, 0)), fill, stroke, told),
        )

    def path(self, points: list[tuple[float, float]], *, stroke: str, dash: str = "") -> None:
        """A line through points; a single one is a dot."""
        if len(points) == 1:
            (x, y) = points[0]
            self._add('<circle cx="{}" cy="{}" r="2.5" fill="{}"/>', _at(x), _at(y), stroke)
        elif points:
            run = " ".join(f"{_at(x)},{_at(y)}" for x, y in points)
            self._add(
                '<polyline points="{}" fill="none" stroke="{}" stroke-width="2"{}/>',
                *(run, stroke, _dashed(dash)),
            )

    def done(self) -> Markup:
        """The whole drawing."""
        head = Markup(
            '<svg class="chart" role="img" viewBox="0 0 {w} {h}" width="{w}" height="{h}"'
            ' aria-labelledby="{k}-title {k}-desc"><title id="{k}-title">{title}</title>'
            '<desc id="{k}-desc">{summary}</desc>'
        ).format(w=self.width, h=self.height, k=self.key, title=self.title, summary=self.summary)
        return head + Markup("").join(self._shapes) + Markup("</svg>")

    def _add(self, shape: str, *values: object) -> None:
        self._shapes.append(Markup(shape).format(*(escape(value) for value in values)))


def _at(place: float) -> str:
    return f"{place:.1f}".removesuffix(".0")


def _dashed(dash: str) -> Markup | str:
    return Markup(' stroke-dasharray="{}"').format(dash) if dash else ""
