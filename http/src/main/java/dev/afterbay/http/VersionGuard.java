package dev.afterbay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;

/**
 * Sees to the version that each request of an HTTP/1 connection names (RFC 9110, 2.5 and 15.6.6): a
 * later one than 1.1 is served as that, and one of another major number is refused. Vert.x would
 * answer both 501, without a word and in the version that the client named.
 */
final class VersionGuard extends ChannelInboundHandlerAdapter {

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest request) {
      HttpVersion version = request.protocolVersion();
      if (version.majorVersion() != 1 || version.minorVersion() > 1) {
        mend(request, version);
      }
    }
    context.fireChannelRead(message);
  }

  private static void mend(HttpRequest request, HttpVersion version) {
    if (request.decoderResult().isFailure()) {
      return; // Whoever did not understand it made the version up.
    }
    request.setProtocolVersion(HttpVersion.HTTP_1_1);
    if (version.majorVersion() != 1) {
      request.setDecoderResult(DecoderResult.failure(new UnknownVersion(version.text())));
    }
  }

  /** Of a request that is refused for it. */
  static final class UnknownVersion extends Exception {
    private static final long serialVersionUID = 1L;

    UnknownVersion(String version) {
      super(version, null, false, false);
    }
  }
}
