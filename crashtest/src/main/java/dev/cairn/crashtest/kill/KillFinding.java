package dev.cairn.crashtest.kill;

import java.time.Duration;

/**
 * What a {@link KillCheck} that is content has found.
 *
 * @param reopening how long it took to open what was left
 * @param acknowledged how many operations the killed program had acknowledged, all of them present
 */
public record KillFinding(Duration reopening, long acknowledged) {}
