package dev.afterbay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;

/**
 * Overlooks the wish of a first request with a body to go on in HTTP/2, as a server may (RFC 9110,
 * 7.8). Vert.x would switch before the body came, which many clients do not survive. With TLS the
 * protocol was agreed on before, so that no such wish counts (RFC 9113, 3.2), and neither does one
 * with two headers of settings (RFC 7540, 3.2.1).
 */
final class UpgradeGuard extends ChannelInboundHandlerAdapter {

  private static final String SETTINGS = "HTTP2-Settings";

  private final boolean isSecure;

  UpgradeGuard(boolean isSecure) {
    this.isSecure = isSecure;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof HttpRequest request) {
      HttpHeaders headers = request.headers();
      if (isSecure || hasBody(headers) || headers.getAll(SETTINGS).size() > 1) {
        headers.remove(HttpHeaderNames.UPGRADE);
      }
      context.pipeline().remove(this); // Vert.x upgrades with the first request only.
      context.fireChannelRead(message);
      if (isRefused(context.pipeline())) {
        var _ = context.close(); // Vert.x says in its answer that it does so, and does not.
      }
    } else {
      context.fireChannelRead(message);
    }
  }

  /** Else its handler of upgrades has gone by now, or the encoder of HTTP/1. */
  private static boolean isRefused(ChannelPipeline pipeline) {
    return pipeline.get("h2c") != null && pipeline.get("httpEncoder") != null;
  }

  private static boolean hasBody(HttpHeaders headers) {
    String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
    return headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
        || (length != null && !length.equals("0"));
  }
}
