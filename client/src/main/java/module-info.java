import org.jspecify.annotations.NullMarked;

/** A broker elsewhere, reached over HTTP, and bodies as JSON. */
@NullMarked
module dev.afterbay.client {
  requires transitive dev.afterbay.core;
  requires static transitive org.jspecify;
  requires tools.jackson.core;
  requires transitive tools.jackson.databind;

  provides dev.afterbay.Broker.Provider with
      dev.afterbay.client.HttpProvider;
  provides dev.afterbay.Codec.Provider with
      dev.afterbay.client.JsonProvider;

  exports dev.afterbay.client;
  exports dev.afterbay.client.wire to
      dev.afterbay.http;
}
