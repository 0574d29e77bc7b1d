/**
 * What the API server asks before it takes an object. Open {@link dev.weft.control.webhook.Webhook}
 * first.
 */
package dev.weft.control.webhook;
