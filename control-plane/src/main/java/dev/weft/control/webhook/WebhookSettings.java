package dev.weft.control.webhook;

import dev.weft.control.inject.InjectSettings;
import dev.weft.routing.process.HostPort;

/** Where the webhook is, and what it puts into pods. */
public record WebhookSettings(HostPort listen, InjectSettings inject) {}
