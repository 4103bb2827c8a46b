package dev.afterbay.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The raw limit alone, for batches of several sizes. */
record Raw() implements Benchmark {

  private static final int[] BATCHES = {1, 16, 128, 1_024};

  @Override
  public String name() {
    return "raw";
  }

  @Override
  public List<Row> measure(Plan plan) throws IOException {
    List<Row> rows = new ArrayList<>();
    try (RawLimit raw = RawLimit.open(plan.folder())) {
      for (int batch : BATCHES) {
        double[] values = new double[plan.repeat()];
        for (int i = 0; i < values.length; i++) {
          values[i] = raw.perSecond(batch, plan.time());
        }
        rows.add(new Row("raw, " + batch + " to a sync", "/s", new Numbers(values), Goal.NONE));
      }
    }
    return rows;
  }
}
