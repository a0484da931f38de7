/**
 * What the commands share: how they show progress, where they put their files, what they refuse.
 */
@NullMarked
package dev.cairn.examples.command;

import org.jspecify.annotations.NullMarked;
