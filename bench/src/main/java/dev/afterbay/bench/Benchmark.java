package dev.afterbay.bench;

import java.util.List;

/** Something that can be measured, under the name by which a user asks for it. */
interface Benchmark {

  String name();

  List<Row> measure(Plan plan) throws Exception;
}
