package dev.afterbay.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.vertx.core.spi.transport.Transport;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The NIO transport of Vert.x, which accepts only so many connections on each address. */
final class BoundedTransport implements io.vertx.core.transport.Transport {
  /*
   * The earliest place where a connection can be seen. Vert.x hands connections out after their
   * first bytes, so that silent ones would neither be counted nor limited in time.
   */

  /** Vert.x does not say for which address it asks for a channel. */
  private volatile Address opening = new Address(Share.of(0, 1).getFirst(), _ -> {});

  /**
   * An address that is listened on.
   *
   * @param connections how many it may have
   * @param admitted is shown each new connection before it is used
   */
  private record Address(Share connections, Consumer<Channel> admitted) {}

  /** Says whose the channels are that are listened on from now on, see {@link Address}. */
  void opening(Share connections, Consumer<Channel> admitted) {
    opening = new Address(connections, admitted);
  }

  @Override
  public String name() {
    return "nio";
  }

  @Override
  public boolean available() {
    return true;
  }

  @Override
  public @Nullable Throwable unavailabilityCause() {
    return null;
  }

  @Override
  public Transport implementation() {
    return new Bounded(io.vertx.core.transport.Transport.NIO.implementation());
  }

  private final class Bounded implements Transport {
    private final Transport nio;

    Bounded(Transport nio) {
      this.nio = nio;
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
      return nio.ioHandlerFactory();
    }

    @Override
    @SuppressWarnings("deprecation") // Vert.x says it so
    public DatagramChannel datagramChannel(io.netty.channel.socket.InternetProtocolFamily family) {
      return nio.datagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
      return nio.datagramChannelFactory();
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
      return nio.channelFactory(domainSocket);
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
      return domainSocket
          ? nio.serverChannelFactory(true)
          : () -> new BoundedServerChannel(opening);
    }
  }

  private static final class BoundedServerChannel extends NioServerSocketChannel {
    private final Address address;

    BoundedServerChannel(Address address) {
      this.address = address;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
      int read = super.doReadMessages(accepted);
      if (read > 0) {
        NioSocketChannel connection = (NioSocketChannel) accepted.getLast();
        Share connections = address.connections();
        if (connections.take(1) < 0) {
          connections.take(-1);
          accepted.removeLast();
          connection.unsafe().closeForcibly();
          return 0;
        }
        connection.closeFuture().addListener(_ -> connections.take(-1));
        try {
          address.admitted().accept(connection);
        } catch (RuntimeException | Error e) {
          accepted.removeLast(); // Without its guard it would have no limits.
          connection.unsafe().closeForcibly();
          throw e;
        }
      }
      return read;
    }
  }
}
