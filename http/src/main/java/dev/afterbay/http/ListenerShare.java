package dev.afterbay.http;

import java.util.ArrayList;
import java.util.List;

/**
 * What one address may use of the process, so that those who can reach the one starve nobody on
 * another.
 *
 * @param name of its section of the configuration: the label of its meters
 */
record ListenerShare(String name, Share connections, MemoryBudget budget) {

  /** Of each address, in the order in which they are listened on. */
  static List<ListenerShare> of(HttpApiSettings settings) {
    List<String> names = new ArrayList<>(List.of("http"));
    if (settings.admin() != null) {
      names.add("admin");
    }
    if (settings.sns() != null) {
      names.add("sns");
    }
    List<Share> connections = Share.of(settings.bounds().connections(), names.size());
    List<MemoryBudget> budgets = MemoryBudget.of(settings.bounds().bodyBytes(), names.size());
    List<ListenerShare> shares = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      shares.add(new ListenerShare(names.get(i), connections.get(i), budgets.get(i)));
    }
    return shares;
  }
}
