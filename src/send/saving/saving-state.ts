/** How far one image is on its way into the backup. */
export type SavingState =
  /** What the API tells of it; its bytes are next. */
  | { readonly kind: 'told'; readonly image: Readonly<Record<string, unknown>> }
  /** It is whole in the backup: its DELETE is next. */
  | { readonly kind: 'saved' };
