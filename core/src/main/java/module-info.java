import org.jspecify.annotations.NullMarked;

/** The model, the engine, the worker and the memory store. Depends on the JDK only. */
@NullMarked
module dev.afterbay.core {
  requires static transitive org.jspecify;

  uses dev.afterbay.Broker.Provider;
  uses dev.afterbay.Codec.Provider;

  exports dev.afterbay;
  exports dev.afterbay.engine;
  exports dev.afterbay.ledger;
  exports dev.afterbay.rules;
  exports dev.afterbay.store;
  exports dev.afterbay.worker;
}
