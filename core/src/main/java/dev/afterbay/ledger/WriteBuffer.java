package dev.afterbay.ledger;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The group that is being gathered, over what was written: reads see both, and the whole group is
 * one batch, so a loss of power leaves all of it or none.
 *
 * <p>Puts and deletes are passed on as they come, not their net changes: a store may delete in a
 * way that wants each put to have its own delete.
 *
 * <p>Rejected: to write the group early when a scan has to see it, as half a commit would then
 * survive without the other half.
 */
final class WriteBuffer implements Tables {

  private record Gathered(byte[] key, byte @Nullable [] value) {}

  /** What the group did to one table. Most groups are never looked at, so it is sorted late. */
  private static final class Entries {
    private final List<Gathered> unsorted = new ArrayList<>();
    private final NavigableMap<byte[], Gathered> sorted = new TreeMap<>(Arrays::compareUnsigned);

    NavigableMap<byte[], Gathered> sorted() {
      unsorted.forEach(entry -> sorted.put(entry.key, entry));
      unsorted.clear();
      return sorted;
    }

    void clear() {
      unsorted.clear();
      sorted.clear();
    }
  }

  private final Tables written;
  private final Map<Table, Entries> gathered = new EnumMap<>(Table.class);

  WriteBuffer(Tables written) {
    this.written = written;
    for (Table table : Table.values()) {
      gathered.put(table, new Entries());
    }
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    Gathered own = of(table).sorted().get(key);
    return own != null ? own.value : written.get(table, key);
  }

  @Override
  public List<byte @Nullable []> getSome(Table table, List<byte[]> keys, long bytesMax) {
    List<byte @Nullable []> values = new ArrayList<>(written.getSome(table, keys, bytesMax));
    NavigableMap<byte[], Gathered> group = of(table).sorted();
    for (int i = 0; !group.isEmpty() && i < values.size(); i++) {
      Gathered own = group.get(keys.get(i));
      if (own != null) {
        values.set(i, own.value);
      }
    }
    return values;
  }

  /** The visitor may put and delete, but need not be shown what it does. */
  @Override
  public void scan(
      Table table, byte[] from, byte @Nullable [] to, boolean backwards, Visitor visitor) {
    if (to != null && Arrays.compareUnsigned(from, to) >= 0) {
      return;
    }
    NavigableMap<byte[], Gathered> range = of(table).sorted().tailMap(from, true);
    range = to == null ? range : range.headMap(to, false);
    Merge merge = new Merge(backwards ? range.descendingMap() : range, visitor);
    written.scan(table, from, to, backwards, merge);
    merge.showBefore(null);
  }

  @Override
  public void put(Table table, byte[] key, byte[] value) {
    of(table).unsorted.add(new Gathered(key, value));
    written.put(table, key, value);
  }

  @Override
  public void delete(Table table, byte[] key) {
    of(table).unsorted.add(new Gathered(key, null));
    written.delete(table, key);
  }

  @Override
  public void write() {
    gathered.values().forEach(Entries::clear);
    written.write();
  }

  @Override
  public void expectBodies(List<byte[]> keys) {
    written.expectBodies(keys);
  }

  private Entries of(Table table) {
    return Objects.requireNonNull(gathered.get(table));
  }

  /** Shows the entries of the group at their places among those that were written. */
  private static final class Merge implements Visitor {
    private final NavigableMap<byte[], Gathered> group;
    private final Visitor visitor;
    private Map.@Nullable Entry<byte[], Gathered> next;
    private boolean wantsMore = true;

    Merge(NavigableMap<byte[], Gathered> group, Visitor visitor) {
      this.group = group;
      this.visitor = visitor;
      this.next = group.firstEntry();
    }

    @Override
    public boolean visit(byte[] key, byte[] value) {
      showBefore(key);
      boolean changed = next != null && order(next.getKey(), key) == 0;
      byte[] shown = changed ? take() : value;
      if (shown != null) {
        wantsMore = wantsMore && visitor.visit(key, shown);
      }
      return wantsMore;
    }

    /** What the group has before this key; null: all that it has. */
    private void showBefore(byte @Nullable [] key) {
      while (wantsMore && next != null && (key == null || order(next.getKey(), key) < 0)) {
        byte[] at = next.getKey();
        byte[] value = take();
        wantsMore = value == null || visitor.visit(at, value);
      }
    }

    /** The value of the next entry, behind which it then is; null: a deletion. */
    private byte @Nullable [] take() {
      Map.Entry<byte[], Gathered> taken = Objects.requireNonNull(next);
      next = group.higherEntry(taken.getKey());
      return taken.getValue().value;
    }

    private int order(byte[] one, byte[] other) {
      return Objects.requireNonNull(group.comparator()).compare(one, other);
    }
  }
}
