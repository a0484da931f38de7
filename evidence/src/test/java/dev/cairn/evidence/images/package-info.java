/** Every operation, cut short at every moment: what a crash leaves is checked, image by image. */
@NullMarked
package dev.cairn.evidence.images;

import org.jspecify.annotations.NullMarked;
