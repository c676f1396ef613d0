"""Who lives in the scene: builds, skin, hair, clothes and bags, chosen so that people can be told apart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from scenes.paint import Colour


class Pattern(StrEnum):
    """How a cloth is coloured."""

    PLAIN = "plain"
    HOOPS = "hoops"
    STRIPES = "stripes"
    YOKE = "yoke"
    OPEN = "open"


class Hair(StrEnum):
    """What grows on a head."""

    SHORT = "short"
    LONG = "long"
    BALD = "bald"
    CAP = "cap"


class Bottom(StrEnum):
    """What is worn below the waist."""

    TROUSERS = "trousers"
    SHORTS = "shorts"
    SKIRT = "skirt"


class Bag(StrEnum):
    """What is carried."""

    NONE = "none"
    BACKPACK = "backpack"
    SHOULDER = "shoulder"


@dataclass(frozen=True, slots=True)
class Cloth:
    """A garment's colours, BGR in [0, 255], and how they are laid out."""

    colour: Colour
    second: Colour
    pattern: Pattern = Pattern.PLAIN


@dataclass(frozen=True, slots=True)
class Look:
    """One person's looks.

    Attributes:
        height_m: Standing height.
        girth: Factor on all widths, about 1.
        skin, hair_colour, shoes, bag_colour: BGR in [0, 255].
        top: Upper garment.
        bottom: Lower garment.
        long_sleeves: Whether sleeves reach the wrists.
        coat: Whether the upper garment reaches the knees.
    """

    height_m: float
    girth: float
    skin: Colour
    hair: Hair
    hair_colour: Colour
    top: Cloth
    bottom: Cloth
    bottom_kind: Bottom
    long_sleeves: bool
    coat: bool
    shoes: Colour
    bag: Bag
    bag_colour: Colour


SKINS: tuple[Colour, ...] = ((150, 178, 224), (128, 160, 212), (96, 130, 184), (66, 96, 146), (48, 68, 104))
HAIRS: tuple[Colour, ...] = ((28, 30, 34), (36, 52, 78), (60, 96, 150), (110, 160, 205), (150, 152, 156), (34, 56, 120))
TOPS: tuple[Colour, ...] = (
    (44, 40, 176),  # red
    (168, 92, 32),  # blue
    (58, 128, 52),  # green
    (40, 176, 226),  # yellow
    (226, 226, 222),  # white
    (46, 44, 44),  # black
    (40, 112, 220),  # orange
    (132, 56, 104),  # purple
    (196, 176, 96),  # light blue
    (168, 150, 216),  # pink
    (92, 104, 60),  # teal
    (120, 124, 124),  # grey
)
BOTTOMS: tuple[Colour, ...] = (
    (92, 62, 40),  # denim
    (42, 40, 40),  # black
    (116, 152, 176),  # khaki
    (140, 140, 138),  # grey
    (206, 208, 206),  # off white
    (52, 74, 104),  # brown
    (54, 60, 108),  # burgundy
    (64, 88, 66),  # olive
)
SHOES: tuple[Colour, ...] = ((36, 36, 38), (220, 222, 222), (48, 70, 104), (60, 56, 150))
BAGS: tuple[Colour, ...] = ((40, 52, 120), (110, 70, 34), (44, 44, 46), (50, 120, 170), (70, 110, 60))


def dress(count: int, rng: np.random.Generator, *, uniform: bool = False) -> tuple[Look, ...]:
    """The looks of `count` people.

    Args:
        count: How many, >= 0.
        rng: Where chance comes from.
        uniform: Everyone wears the first one's clothes; builds, skin and hair still differ.
    """
    tops = _cycle(len(TOPS), count, rng)
    bottoms = _cycle(len(BOTTOMS), count, rng)
    people = [_person(TOPS[top], BOTTOMS[bottom], rng) for top, bottom in zip(tops, bottoms, strict=True)]
    return tuple(_in_the_clothes_of(people[0], person) for person in people) if uniform else tuple(people)


def _cycle(kinds: int, count: int, rng: np.random.Generator) -> list[int]:
    """A shuffled choice in which no kind comes again before all have come."""
    rounds = [rng.permutation(kinds) for _ in range(count // kinds + 1)]
    return [int(kind) for kind in np.concatenate(rounds)[:count]]


def _person(top: Colour, bottom: Colour, rng: np.random.Generator) -> Look:
    def pick(choices: tuple[Colour, ...]) -> Colour:
        return choices[int(rng.integers(len(choices)))]

    def chance(share: float) -> bool:
        return bool(rng.random() < share)

    pattern = list(Pattern)[int(rng.integers(len(Pattern)))]
    second = max(
        (pick(TOPS) for _ in range(4)), key=lambda other: sum(abs(a - b) for a, b in zip(other, top, strict=True))
    )
    kind = [Bottom.TROUSERS, Bottom.TROUSERS, Bottom.TROUSERS, Bottom.SHORTS, Bottom.SKIRT][int(rng.integers(5))]
    coat = kind is Bottom.TROUSERS and chance(0.3)
    return Look(
        height_m=float(rng.uniform(1.6, 1.88)),
        girth=float(rng.uniform(0.92, 1.14)),
        skin=pick(SKINS),
        hair=list(Hair)[int(rng.choice(4, p=[0.4, 0.3, 0.1, 0.2]))],
        hair_colour=pick(HAIRS),
        top=Cloth(top, second, pattern),
        bottom=Cloth(bottom, bottom),
        bottom_kind=kind,
        long_sleeves=coat or chance(0.55),
        coat=coat,
        shoes=pick(SHOES),
        bag=list(Bag)[int(rng.choice(3, p=[0.5, 0.3, 0.2]))],
        bag_colour=pick(BAGS),
    )


def _in_the_clothes_of(model: Look, person: Look) -> Look:
    return Look(
        person.height_m,
        person.girth,
        person.skin,
        Hair.SHORT if person.hair is Hair.CAP else person.hair,
        person.hair_colour,
        model.top,
        model.bottom,
        model.bottom_kind,
        model.long_sleeves,
        model.coat,
        model.shoes,
        Bag.NONE,
        person.bag_colour,
    )
