/** The look of Farthing as a Mantine theme: paper and ink, hairlines, one accent (copper). */
import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

const copper: MantineColorsTuple = [
  '#FBF1EA',
  '#F3DFD1',
  '#E9C3A9',
  '#E0A67F',
  '#E08A4B',
  '#C97740',
  '#B4632A',
  '#975122',
  '#7A411B',
  '#5E3114',
];

/** Neutral greys of the dark surfaces; index 7 is the page, 6 a card, 5 a raised element. */
const dark: MantineColorsTuple = [
  '#E7E9EE',
  '#C7CCD6',
  '#9AA3B2',
  '#7A8394',
  '#3A414D',
  '#1C2028',
  '#15181E',
  '#0F1115',
  '#0B0D10',
  '#07080A',
];

/** Mantine picks the text on a filled accent for the light shade alone: here each scheme has its own, AA on its shade. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  const accented = (input.color ?? input.theme.primaryColor) === input.theme.primaryColor;
  if (input.variant !== 'filled' || !accented) return colors;
  return { ...colors, color: 'var(--mantine-primary-color-contrast)' };
};

export const theme = createTheme({
  variantColorResolver,
  colors: { copper, dark },
  primaryColor: 'copper',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '8px', xl: '8px' },
  defaultRadius: 'md',
  focusRing: 'auto',
  respectReducedMotion: true,
  breakpoints: { xs: '30em', sm: '48em', md: '62em', lg: '75em', xl: '90em' },
  headings: {
    fontWeight: '600',
    sizes: { h1: { fontSize: '20px' }, h2: { fontSize: '14px' }, h3: { fontSize: '13px' } },
  },
  components: {
    Paper: { defaultProps: { withBorder: true, radius: 'md', shadow: 'none' } },
    Tooltip: { defaultProps: { withArrow: false, openDelay: 200, transitionProps: { duration: 0 } } },
    Drawer: { defaultProps: { transitionProps: { duration: 120 } } },
    Select: { defaultProps: { size: 'sm', checkIconPosition: 'right' } },
  },
});

/** Names the design's tokens once, as CSS variables, for both schemes. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: { '--fg-sidebar-width': '220px' },
  light: {
    '--fg-page': '#FAFAF8',
    '--fg-card': '#FFFFFF',
    '--fg-raised': '#F3F2EE',
    '--fg-ink': '#1A1D23',
    '--fg-ink-soft': '#5C6470',
    '--fg-line': '#E4E2DB',
    '--fg-accent': '#B4632A',
    // The accent as text: AA on every paper, which the accent itself misses by a little.
    '--fg-link': '#975122',
    '--fg-good': '#2F7A62',
    '--fg-warning': '#8A6413',
    '--fg-warning-paper': '#FBF4E2',
    '--fg-critical': '#B3362F',
    '--fg-info': '#2F6DB5',
    '--mantine-color-body': '#FAFAF8',
    '--mantine-color-text': '#1A1D23',
    '--mantine-color-dimmed': '#5C6470',
    '--mantine-color-default-border': '#E4E2DB',
  },
  dark: {
    '--fg-page': '#0F1115',
    '--fg-card': '#15181E',
    '--fg-raised': '#1C2028',
    '--fg-ink': '#E7E9EE',
    '--fg-ink-soft': '#9AA3B2',
    '--fg-line': '#2A2F39',
    '--fg-accent': '#E08A4B',
    '--fg-link': '#E08A4B',
    '--fg-good': '#5DB795',
    '--fg-warning': '#DDB052',
    '--fg-warning-paper': '#241F12',
    '--fg-critical': '#E5766F',
    '--fg-info': '#6FA5E3',
    '--mantine-color-body': '#0F1115',
    '--mantine-color-text': '#E7E9EE',
    '--mantine-color-dimmed': '#9AA3B2',
    '--mantine-color-default-border': '#2A2F39',
  },
});

/** Series colours, colour-blind safe, in order; `OTHER_COLOR` is always the grey. */
export const SERIES_COLORS = [
  '#B4632A',
  '#2F6DB5',
  '#3C8D73',
  '#8A5FB0',
  '#C2922E',
  '#B8476B',
  '#4C9BB0',
  '#7A7F3A',
] as const;
export const OTHER_COLOR = '#6B7280';
