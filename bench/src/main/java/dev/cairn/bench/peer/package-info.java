/**
 * The peers, one class for each: how a map of each is opened, in the most durable way that its
 * makers offer, and what it promises after a crash.
 */
@NullMarked
package dev.cairn.bench.peer;

import org.jspecify.annotations.NullMarked;
