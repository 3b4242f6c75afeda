"""A picture for those who bring none: mountains in the evening. The same at each call."""
import numpy as np
from PIL import Image

ORANGE, VIOLET, LIGHT = np.array([250, 160, 90]), np.array([70, 60, 120]), np.array([255, 236, 190])


def ridge(x, generator, height, roughness):
    """A line of hills: sines, the finer the lower."""
    waves = 2.0 ** np.arange(7)
    shifts = generator.uniform(0, 2 * np.pi, waves.size)
    return height + roughness * (np.sin(np.outer(x, 3 * waves) + shifts) / waves).sum(axis=1)


def paint(width, height):
    generator = np.random.default_rng(1)
    x, y = np.linspace(0, width / height, width), np.linspace(0, 1, height)[:, None]
    colours = VIOLET + (ORANGE - VIOLET) * y[..., None] ** 0.7 + np.zeros((height, width, 3))
    distance = np.hypot(x - 1.1, y - 0.45)
    glow = np.where(distance < 0.07, 1, np.exp(-6 * distance) * 0.8)[..., None]
    colours += (LIGHT - colours) * glow
    for depth in np.linspace(0.2, 1, 5):  # the far ones first, in the haze
        hills = y > ridge(x, generator, 0.45 + 0.4 * depth, 0.09)
        colours[hills] = VIOLET * (1.25 - depth) + ORANGE * 0.25 * (1 - depth)
    colours += generator.normal(0, 6, (height, width, 1))  # grain, as of a film
    return Image.fromarray(colours.clip(0, 255).astype(np.uint8))
