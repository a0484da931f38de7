#!/usr/bin/env python3
"""A model of the publish protocol (docs/design.md, section 6.4): one fence for a transaction, undo transactions beside it.

Records belong to lanes, two slots each, in turn. What orders records of different lanes is their sequence number, a Lamport
clock that locks hand on. A stripe's mark says which of its records are in place for good. A lane is used by one core at a time,
and may go to another; freed blocks wait until the record that frees them is overwritten, durably.

Media: every word keeps the values it had; a crash leaves any of those from the last durable one to the newest, each word
independently. A flush notes the newest version of a word for its core, a fence makes durable what its own core has flushed.
Cores are interleaved at random; at every step crash images are recovered (all of them, or a sample), some of the recoveries
are crashed too, and the result is compared with what was acknowledged.

Usage: publish_model.py [schedules] [seed] [mutant]     every mutant must be found; "none" must not be.
"""
import itertools
import random
import sys

STRIPES, BLOCKS, CORES, LANES = 2, 7, 2, 2
MUTANTS = [
    "none", "no-fence", "apply-before-fence", "no-content-flush", "no-record-flush", "content-unchecked", "record-unchecked",
    "one-slot", "no-other-lane-reflush", "no-hand-over-reflush", "no-mark", "mark-too-new", "mark-unflushed", "marks-ignored",
    "order-by-lane", "reuse-at-once", "reuse-one-early", "apply-unflushed", "undo-no-log-fence", "undo-no-data-fence",
    "undo-no-mark", "undo-no-reflush", "undo-early-ack", "void-before-replay-is-durable",
    "void-lane-by-lane", "no-confirm", "confirm-unfenced"]


class Media:
    def __init__(self):
        self.history, self.durable, self.flushed = {}, {}, [dict() for _ in range(CORES)]

    def init(self, word, value):
        self.history[word], self.durable[word] = [value], 0

    def load(self, word):
        return self.history[word][-1]

    def store(self, word, value):
        self.history[word].append(value)

    def flush(self, core, word):
        self.flushed[core][word] = len(self.history[word]) - 1

    def fence(self, core):
        for word, version in self.flushed[core].items():
            self.durable[word] = max(self.durable[word], version)
        self.flushed[core].clear()

    def images(self, rnd, limit):
        base = {w: h[self.durable[w]] for w, h in self.history.items()}
        choices = {w: list(dict.fromkeys(h[self.durable[w]:])) for w, h in self.history.items()}
        open_words = [w for w, c in choices.items() if len(c) > 1]
        options = [choices[w] for w in open_words]
        total = 1
        for o in options:
            total *= len(o)
        if total <= limit:
            picks = itertools.product(*options)
        else:
            picks = [tuple(o[0] for o in options), tuple(o[-1] for o in options)]
            for i in range(len(options)):  # each word alone, and all but one
                picks.append(tuple(o[-1] if i == j else o[0] for j, o in enumerate(options)))
                picks.append(tuple(o[0] if i == j else o[-1] for j, o in enumerate(options)))
            picks += [tuple(rnd.choice(o) for o in options) for _ in range(limit)]
        for pick in picks:
            image = dict(base)
            image.update(zip(open_words, pick))
            yield image


class Lane:
    def __init__(self, index):
        self.index, self.busy, self.count, self.seq = index, False, 0, 0
        self.core, self.pending = None, []          # who used it last, and the words it then flushed without a fence
        self.freed = [[], []]                       # blocks that wait for the record of a slot to be overwritten


class Stripe:
    def __init__(self):
        self.owner, self.seq, self.lane, self.words = None, 0, None, []


class World:
    def __init__(self, rnd, mutant):
        self.rnd, self.mutant, self.media = rnd, mutant, Media()
        m = self.media
        m.init("era", 1)
        for s in range(STRIPES):
            m.init(("x", s), None)
            m.init(("mark", s), 0)
        for b in range(BLOCKS):
            m.init(("bit", b), 0)
            m.init(("body", b), None)
        for l in range(LANES):
            m.init(("generation", l), 0)
            for part in ("undo", "undo-seal"):
                m.init((part, l), None)
            for k in (0, 1):
                m.init(("record", l, k), None)
                m.init(("seal", l, k), None)
        self.lanes = [Lane(l) for l in range(LANES)]
        self.stripes = [Stripe() for _ in range(STRIPES)]
        self.free = list(range(BLOCKS))
        self.value = 0
        self.acked = [None] * STRIPES
        self.flight = [None] * CORES                # per core: {stripe: new value}, all or none

    def lock(self, core, s):
        while self.stripes[s].owner is not None:
            yield
        self.stripes[s].owner = core

    def take_lane(self, core):
        while True:
            idle = [l for l in self.lanes if not l.busy]
            if idle:
                lane = self.rnd.choice(idle)
                lane.busy = True
                return lane
            yield

    def hand_over(self, core, lane):
        """The words that another core flushed for this lane, and did not fence, are flushed again under the next fence."""
        if lane.core is not None and lane.core != core and self.mutant != "no-hand-over-reflush":
            for w in lane.pending:
                self.media.flush(core, w)
        lane.core, lane.pending = core, []

    def reflush(self, core, lane, s):
        stripe = self.stripes[s]
        if stripe.lane is not lane:
            for w in stripe.words:
                self.media.flush(core, w)

    def take_block(self):
        return self.free.pop(self.rnd.randrange(len(self.free))) if self.free else None

    def publish(self, core, wanted):
        m, mutant = self.media, self.mutant
        lane = yield from self.take_lane(core)
        for s in wanted:
            yield from self.lock(core, s)
        fresh, in_place = {}, {}
        for s in wanted:
            old = m.load(("x", s))
            if old is not None and self.rnd.random() < 0.4:
                in_place[s] = old
                continue
            b = self.take_block()
            if b is not None:
                fresh[s] = b
        if len(fresh) + len(in_place) == len(wanted):
            before = (lane.core, list(lane.pending))
            values, words, bits, freed = {}, [], [], []
            for s, b in in_place.items():
                self.value += 1
                values[s] = self.value
                words.append((("body", b), values[s]))
            for s, b in fresh.items():
                self.value += 1
                values[s] = self.value
                old = m.load(("x", s))
                words.append((("x", s), b))
                bits.append((("bit", b), 1))
                if old is not None:
                    bits.append((("bit", old), 0))
                    freed.append(old)
            self.flight[core] = values
            for s, b in fresh.items():
                m.store(("body", b), values[s])
                yield
                if mutant != "no-content-flush":
                    m.flush(core, ("body", b))
                    yield
            seq = max([lane.seq] + [self.stripes[s].seq for s in wanted]) + 1
            k = 0 if mutant == "one-slot" else lane.count % 2
            content = tuple((b, values[s]) for s, b in fresh.items())
            record = (m.load("era"), seq, tuple(wanted), tuple(words), tuple(bits), content)
            m.store(("record", lane.index, k), record)
            yield
            m.store(("seal", lane.index, k), record)
            yield
            if mutant != "no-record-flush":
                m.flush(core, ("record", lane.index, k))
            m.flush(core, ("seal", lane.index, k))
            yield
            self.hand_over(core, lane)
            if mutant != "no-other-lane-reflush":
                for s in wanted:
                    self.reflush(core, lane, s)
            yield

            def apply():
                changed = [w for w, _ in words + bits]
                for w, v in words + bits:
                    m.store(w, v)
                    yield
                    if mutant != "apply-unflushed":
                        m.flush(core, w)
                        yield
                if mutant != "no-mark":
                    for s in wanted:
                        m.store(("mark", s), seq if mutant == "mark-too-new" else self.stripes[s].seq)
                        yield
                        if mutant != "mark-unflushed":
                            m.flush(core, ("mark", s))
                        changed.append(("mark", s))
                        yield
                for s in wanted:
                    stripe = self.stripes[s]
                    stripe.seq, stripe.lane, stripe.words = seq, lane, changed
                lane.pending = changed

            if mutant == "apply-before-fence":
                yield from apply()
            if mutant != "no-fence":
                m.fence(core)
            yield
            # Committed. What this record has overwritten is gone for good: so what it freed is free.
            self.free += lane.freed[k]
            lane.freed[k] = []
            if mutant == "reuse-one-early":
                self.free += lane.freed[1 - k]
                lane.freed[1 - k] = []
            if mutant != "apply-before-fence":
                yield from apply()
            lane.seq, lane.count = seq, lane.count + 1
            if mutant == "reuse-at-once":
                self.free += freed
            else:
                lane.freed[k] = freed
            for s, v in values.items():
                self.acked[s] = v
            self.flight[core] = None
        else:
            self.free += fresh.values()
            yield from self.retire_idle(core)
        for s in wanted:
            self.stripes[s].owner = None
        lane.busy = False
        yield

    def retire_idle(self, core):
        """Out of blocks: makes the records of idle lanes void, durably, so that what they freed can be used."""
        m = self.media
        idle = [l for l in self.lanes if not l.busy and (l.freed[0] or l.freed[1])]
        for lane in idle:
            lane.busy = True
        for lane in idle:
            for w in lane.pending:
                m.flush(core, w)
        yield
        m.fence(core)
        yield
        for lane in idle:
            lane.core, lane.pending = None, []
            for k in (0, 1):
                m.store(("seal", lane.index, k), None)
                yield
                m.flush(core, ("seal", lane.index, k))
        m.fence(core)
        yield
        for lane in idle:
            self.free += lane.freed[0] + lane.freed[1]
            lane.freed = [[], []]
            lane.busy = False

    def undo(self, core, wanted):
        """A transaction with an undo log: some stripes get new content in place, the others lose their block. May abort."""
        m, mutant, rnd = self.media, self.mutant, self.rnd
        lane = yield from self.take_lane(core)
        for s in wanted:
            yield from self.lock(core, s)
        entries, new, values, freed = [], [], {}, []
        for s in wanted:
            x = m.load(("x", s))
            b = self.take_block()
            self.value += 1
            if b is None:
                continue
            values[s] = self.value
            m.store(("body", b), self.value)
            m.flush(core, ("body", b))
            yield
            entries += [(("x", s), x), (("bit", b), 0)]
            new += [(("x", s), b), (("bit", b), 1)]
            if x is not None:
                entries.append((("bit", x), 1))
                new.append((("bit", x), 0))
                freed.append(x)
        taken = [w[1] for w, v in new if w[0] == "bit" and v == 1]
        changed = list(values)
        self.flight[core] = values
        generation = m.load(("generation", lane.index))
        log = (m.load("era"), generation, tuple(entries))
        m.store(("undo", lane.index), log)
        yield
        m.store(("undo-seal", lane.index), log)
        m.flush(core, ("undo", lane.index))
        m.flush(core, ("undo-seal", lane.index))
        yield
        self.hand_over(core, lane)
        if mutant != "undo-no-reflush":
            for s in changed:
                self.reflush(core, lane, s)
        if mutant != "undo-no-log-fence":
            m.fence(core)
        yield
        for w, v in new:
            m.store(w, v)
            yield
            m.flush(core, w)
        if mutant != "undo-no-mark":
            for s in changed:
                m.store(("mark", s), self.stripes[s].seq)
                yield
                m.flush(core, ("mark", s))
        abort = rnd.random() < 0.3
        if abort:
            for w, v in reversed(entries):
                m.store(w, v)
                yield
                m.flush(core, w)
            self.flight[core] = None
        if mutant != "undo-no-data-fence":
            m.fence(core)
        yield
        m.store(("generation", lane.index), generation + 1)
        yield
        m.flush(core, ("generation", lane.index))
        if mutant == "undo-early-ack" and not abort:
            for s, v in values.items():
                self.acked[s] = v
            self.flight[core] = None
        yield
        m.fence(core)
        for s in changed:
            self.stripes[s].lane, self.stripes[s].words = lane, []
        if not abort:
            for s, v in values.items():
                self.acked[s] = v
        self.flight[core] = None
        self.free += taken if abort else freed
        for s in wanted:
            self.stripes[s].owner = None
        lane.busy = False
        yield


def recovery(image, mutant):
    """Yields the stores of a recovery, as lists: what is in one list is durable before the next begins."""
    image = dict(image)

    def put(stores, word, value):
        stores.append((word, value))
        image[word] = value

    def undo(stores):
        for l in range(LANES):
            log = image[("undo", l)]
            sealed = log is not None and log == image[("undo-seal", l)]
            if sealed and log[:2] == (image["era"], image[("generation", l)]):
                for w, v in reversed(log[2]):
                    put(stores, w, v)

    def read():
        found = []
        for l in range(LANES):
            for k in (0, 1):
                record, seal = image[("record", l, k)], image[("seal", l, k)]
                confirmed = seal == ("confirmed", record)
                if record is None or (record != seal and not confirmed and mutant != "record-unchecked"):
                    continue
                era, seq, stripes, words, bits, content = record
                voided = era != image["era"] or image.get(("void", l))
                dead = any(image[("mark", s)] >= seq for s in stripes) and mutant != "marks-ignored"
                whole = all(image[("body", b)] == v for b, v in content) or confirmed or mutant == "content-unchecked"
                if not voided and not dead and whole:
                    found.append((seq, l, k, record))
        return sorted(found, key=lambda r: (r[1], r[0]) if mutant == "order-by-lane" else r[0])

    def confirm(stores, found):
        for _, l, k, record in found:
            if record[5] and mutant != "no-confirm":
                put(stores, ("seal", l, k), ("confirmed", record))

    def replay(stores, found):
        for _, _, _, (_, _, _, words, bits, _) in found:
            for w, v in words + bits:
                put(stores, w, v)

    confirms, stores = [], []
    found = read()
    confirm(confirms, found)
    undo(stores)
    replay(stores, found)
    void = ("era", image["era"] + 1)
    first = [confirms]
    if mutant == "confirm-unfenced":
        first, stores = [], confirms + stores
    if mutant == "void-before-replay-is-durable":
        return first + [stores + [void]]
    if mutant == "void-lane-by-lane":
        return first + [stores, [(("void", l), True) for l in range(LANES)], [void]]
    return first + [stores, [void]]


def recovered(image, mutant):
    image = dict(image)
    for stores in recovery(image, mutant):
        image.update(stores)
    return image


def crashed_recovery(image, mutant, rnd):
    """An image that a crash of the recovery can leave."""
    image = dict(image)
    steps = recovery(image, mutant)
    last = rnd.randrange(len(steps))
    for i, stores in enumerate(steps[: last + 1]):
        history = {}
        for w, v in stores:
            history.setdefault(w, [image.get(w)]).append(v)
        for w, values in history.items():
            image[w] = values[-1] if i < last else rnd.choice(values)
    return image


def wrong(world, image, result):
    seen, now = set(), []
    for s in range(STRIPES):
        b = result[("x", s)]
        if b is not None and b in seen:
            return f"block {b} is reached twice"
        seen.add(b)
        now.append(None if b is None else result[("body", b)])
    for b in range(BLOCKS):
        if result[("bit", b)] != (1 if b in seen else 0):
            return f"block {b}: bit {result[('bit', b)]}, reached {b in seen}"
    for s in range(STRIPES):
        allowed = {world.acked[s]} | {f[s] for f in world.flight if f and s in f}
        if now[s] not in allowed:
            return f"stripe {s}: {now[s]}, allowed {allowed}"
    for flight in world.flight:
        if flight and len({now[s] == v for s, v in flight.items()}) > 1:
            return f"half of a transaction: {now}, {flight}"
    return None


def run(seed, mutant, limit):
    rnd = random.Random(seed)
    world = World(rnd, mutant)

    def program(core):
        for _ in range(6):
            stripes = sorted(rnd.sample(range(STRIPES), rnd.choice([1, 1, 2])))
            yield from (world.publish if rnd.random() < 0.75 else world.undo)(core, stripes)

    programs = {core: program(core) for core in range(CORES)}
    images = 0
    for step in range(900):
        if not programs:
            break
        core = rnd.choice(list(programs))
        for _ in range(rnd.choice([1, 1, 2, 4, 12])):
            try:
                next(programs[core])
            except StopIteration:
                del programs[core]
                break
        for image in world.media.images(rnd, limit):
            images += 1
            bad = wrong(world, image, recovered(image, mutant))
            if not bad and images % 4 == 0:
                again = crashed_recovery(image, mutant, rnd)
                bad = wrong(world, again, recovered(again, mutant))
                bad = bad and "after a crash of the recovery: " + bad
            if bad:
                return images, f"seed {seed}, step {step}: {bad}"
    return images, None


def main():
    schedules = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    failed = False
    for mutant in sys.argv[3:] or MUTANTS:
        total, found = 0, None
        for i in range(schedules):
            images, found = run(seed + i, mutant, 60)
            total += images
            if found:
                break
        print(f"{mutant:32s} {'FOUND, ' + found if found else 'no violation'}  ({total:,} images)", flush=True)
        failed |= (found is None) != (mutant == "none")
    sys.exit(failed)


if __name__ == "__main__":
    main()
